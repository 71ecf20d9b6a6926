/* The monitor's command line, which Glovebox writes (src/engine), and the two documents that come of it. */
#include "guest.h"
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static uint32_t number(const char *text) {
  char *end;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  if (errno || end == text || (*end && *end != ':') || value > UINT32_MAX) die("Not a number: %s", text);
  return (uint32_t)value;
}

/* UID:GID[:GROUP…] */
static void set_user(struct wire_command *c, const char *text) {
  const char *at = strchr(text, ':');
  if (!at) die("Not a user and a group: %s", text);
  c->uid = number(text);
  c->gid = number(++at);
  for (c->group_count = 0; (at = strchr(at, ':')) && c->group_count < 32;) c->groups[c->group_count++] = number(++at);
}

static uint8_t reading(const char *name) {
  if (!strcmp(name, "list")) return WIRE_READ_LIST;
  if (!strcmp(name, "layer")) return WIRE_READ_LAYER;
  if (!strcmp(name, "home")) return WIRE_READ_HOME;
  die("The monitor cannot read this of a guest: %s", name);
}

char **command_option(struct wire_command *c, const char **folder, char **words) {
  if (!strcmp(words[0], "--terminal")) {
    c->terminal = 1;
    return words + 1;
  }
  if (!words[1]) return NULL;
  if (!strcmp(words[0], "--user")) set_user(c, words[1]);
  else if (!strcmp(words[0], "--folder")) *folder = words[1];
  else if (!strcmp(words[0], "--read")) c->read = reading(words[1]);
  else if (!strcmp(words[0], "--processes")) c->processes = number(words[1]);
  else if (!strcmp(words[0], "--open-files")) c->open_files = number(words[1]);
  else return NULL;
  return words + 2;
}

int monitor_devices(char **argv) {
  int count = 0;
  if (!argv[0] || !argv[1] || strcmp(argv[1], "monitor")) return 0;
  for (char **word = argv + 2; *word && count < MAX_DEVICES && (!strcmp(*word, "--kvm") || !strcmp(*word, "--tap")); word++) count++;
  return count;
}

static char **own_option(struct monitor_options *o, char **words) {
  if (!strcmp(words[0], "--vhost")) o->vhost = true;
  else if (!strcmp(words[0], "--verbose")) o->verbose = true;
  else if (!strcmp(words[0], "--kvm") || !strcmp(words[0], "--tap")) o->devices++;
  else if (!strcmp(words[0], "--kept")) o->kept = true;
  else if (!strcmp(words[0], "--save")) o->snapshot = QMP_SAVE;
  else if (!strcmp(words[0], "--resume")) o->snapshot = QMP_RESUME;
  else {
    if (!words[1]) return NULL;
    if (!strcmp(words[0], "--empty-disk")) o->empty_disk = words[1];
    else if (!strcmp(words[0], "--own-disk")) o->own_disk = words[1];
    else if (!strcmp(words[0], "--home-disk")) o->home_disk = words[1];
    else if (!strcmp(words[0], "--home")) o->home = words[1];
    else if (!strcmp(words[0], "--network")) o->network = words[1];
    else if (!strcmp(words[0], "--boot-seconds")) o->boot_seconds = number(words[1]);
    else if (!strcmp(words[0], "--shared-bytes")) o->shared_bytes = strtoull(words[1], NULL, 10);
    else return NULL;
    return words + 2;
  }
  return words + 1;
}

void monitor_parse(struct monitor_options *o, char **words) {
  *o = (struct monitor_options){.folder = "/", .home = "", .network = "", .shared_bytes = 64u << 20};
  while (words[0] && strcmp(words[0], "--") != 0) {
    char **next = own_option(o, words);
    if (!next) next = command_option(&o->command, &o->folder, words);
    if (!next) die("Unknown word for the monitor: %s", words[0]);
    words = next;
  }
  if (!words[0] || !words[1] || (o->empty_disk && !o->own_disk)) die("The monitor takes a command and a virtual machine.");
  o->terminal = o->command.terminal;
  o->arguments = ++words;
  while (*words && strcmp(*words, "---") != 0) words++;
  if (!*words || !words[1]) die("The monitor takes a virtual machine behind its command.");
  *words = NULL;
  o->vmm = words + 1;
}

static size_t add(char *text, size_t size, size_t length, const char *name, const char *value) {
  size_t more = strlen(name) + strlen(value) + 2;
  if (length == 0 || more > size - length) return 0;
  strcpy(text + length, name);
  strcpy(text + length + strlen(name) + 1, value);
  return length + more;
}

static size_t add_file(char *text, size_t size, size_t length, const char *name, const char *path) {
  char value[4096];
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  ssize_t n = fd >= 0 ? read(fd, value, sizeof value - 1) : 0;
  if (fd >= 0) close(fd);
  value[n > 0 ? n : 0] = 0;
  return add(text, size, length, name, value);
}

size_t setup_document(const struct monitor_options *o, char *text, size_t size) {
  unsigned char seed[32];
  char value[80];
  if (getrandom(seed, sizeof seed, 0) != sizeof seed) return 0;
  strcpy(text, "kept");
  strcpy(text + 5, o->kept ? "1" : "0");
  size_t length = 7;
  length = add_file(text, size, length, "hostname", "/etc/hostname");
  length = add_file(text, size, length, "hosts", "/etc/hosts");
  length = add_file(text, size, length, "resolv.conf", "/etc/resolv.conf");
  length = add_file(text, size, length, "machine-id", "/etc/machine-id");
  length = add(text, size, length, "network", o->network);
  length = add(text, size, length, "home", o->home);
  for (size_t i = 0; i < sizeof seed; i++) snprintf(value + 2 * i, 3, "%02x", seed[i]);
  length = add(text, size, length, "seed", value);
  snprintf(value, sizeof value, "%u", o->command.uid);
  length = add(text, size, length, "uid", value);
  snprintf(value, sizeof value, "%u", o->command.gid);
  length = add(text, size, length, "gid", value);
  snprintf(value, sizeof value, "%llu", (unsigned long long)o->shared_bytes);
  length = add(text, size, length, "shared", value);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  snprintf(value, sizeof value, "%lld", (long long)now.tv_sec * 1000000000 + now.tv_nsec);
  return add(text, size, length, "time", value);
}

/* An empty file system of gigabytes holds a megabyte or two: only these are copied (lseek(2), SEEK_DATA). */
void disk_copy_sparse(const char *from_path, const char *to_path, bool fill) {
  static char bytes[1 << 16];
  struct stat st;
  int to = open(to_path, O_WRONLY | O_CLOEXEC | (fill ? 0 : O_CREAT | O_EXCL), 0600);
  if (to < 0 && errno == EEXIST) return; /* a kept box goes on with its own */
  int from = open(from_path, O_RDONLY | O_CLOEXEC);
  if (from < 0 || to < 0 || fstat(from, &st) < 0 || ftruncate(to, st.st_size) < 0)
    die("Cannot make the box's disk: %s.", strerror(errno));
  for (off_t at = 0; (at = lseek(from, at, SEEK_DATA)) >= 0;) {
    off_t end = lseek(from, at, SEEK_HOLE);
    while (at < end) {
      size_t want = end - at < (off_t)sizeof bytes ? (size_t)(end - at) : sizeof bytes;
      ssize_t n = pread(from, bytes, want, at);
      if (n <= 0 || pwrite(to, bytes, (size_t)n, at) != n) {
        unlink(to_path);
        die("Cannot make the box's disk: %s.", n <= 0 ? strerror(errno) : "no space is left for it");
      }
      at += n;
    }
  }
  close(from);
  close(to);
}

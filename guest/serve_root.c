/* The guest's file systems: the image's disk read-only below, the box's own disk above, joined by overlayfs, and the
 * mounts that every box has. The image is hostile, but it is mounted in its own guest: all it can mislead is itself. */
#include "guest.h"
#include "serve.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <net/if.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* linux/random.h */
#define RNDADDENTROPY _IOW('R', 0x03, int[2])
#define RNDRESEEDCRNG _IO('R', 0x07)
enum { MODULES_MAX = 32 };

bool setup_parse(struct setup *ret, char *text, size_t length) {
  *ret = (struct setup){.hostname = "box", .hosts = "", .resolv_conf = "", .machine_id = "", .network = "", .home = ""};
  if (length == 0 || text[length - 1] != 0) return false;
  for (char *at = text, *end = text + length; at < end;) {
    char *name = at, *value = name + strlen(name) + 1;
    if (value >= end) return false;
    at = value + strlen(value) + 1;
    if (!strcmp(name, "hostname")) ret->hostname = value;
    else if (!strcmp(name, "hosts")) ret->hosts = value;
    else if (!strcmp(name, "resolv.conf")) ret->resolv_conf = value;
    else if (!strcmp(name, "machine-id")) ret->machine_id = value;
    else if (!strcmp(name, "network")) ret->network = value;
    else if (!strcmp(name, "home")) ret->home = value;
    else if (!strcmp(name, "uid")) ret->uid = (uint32_t)strtoul(value, NULL, 10);
    else if (!strcmp(name, "gid")) ret->gid = (uint32_t)strtoul(value, NULL, 10);
    else if (!strcmp(name, "shared")) ret->shared_bytes = strtoull(value, NULL, 10);
    else if (!strcmp(name, "time")) ret->time_ns = strtoll(value, NULL, 10);
    else if (!strcmp(name, "kept")) ret->kept = *value == '1';
    else if (!strcmp(name, "seed")) {
      for (size_t i = 0; i < sizeof ret->seed; i++)
        if (sscanf(value + 2 * i, "%2hhx", &ret->seed[i]) != 1) return false;
    } else return false;
  }
  return true;
}

void serve_load_modules(void) {
  char *names[MODULES_MAX];
  size_t count = 0;
  DIR *folder = opendir("/modules");
  for (struct dirent *entry; folder && (entry = readdir(folder));)
    if (entry->d_name[0] != '.' && count < MODULES_MAX) names[count++] = strdup(entry->d_name);
  if (folder) closedir(folder);
  for (size_t i = 1; i < count; i++) /* they are numbered in the order of their dependencies */
    for (size_t j = i; j > 0 && strcmp(names[j - 1], names[j]) > 0; j--) {
      char *swap = names[j];
      names[j] = names[j - 1];
      names[j - 1] = swap;
    }
  for (size_t i = 0; i < count; i++) {
    char path[300];
    snprintf(path, sizeof path, "/modules/%s", names[i]);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST))
      die("Cannot load the kernel module %s: %s.", names[i], strerror(errno));
    close(fd);
    free(names[i]);
  }
}

void mount_or_die(const char *what, const char *where, const char *type, unsigned long flags, const char *data) {
  if (mount(what, where, type, flags, data) < 0) die("Cannot mount %s in the guest: %s.", where, strerror(errno));
}

/* The n-th disk, as UML or virtio names it, or NULL. */
const char *find_disk(int n) {
  static char path[] = "/dev/ubda";
  static const char *const prefixes[] = {"/dev/ubd", "/dev/vd"};
  for (int i = 0; i < 2; i++) {
    snprintf(path, sizeof path, "%s%c", prefixes[i], 'a' + n);
    if (access(path, F_OK) == 0) return path;
  }
  return NULL;
}

static const char *disk(int n) {
  const char *path = find_disk(n);
  if (!path) die("The guest has no disk number %d.", n);
  return path;
}

static void mount_disks(void) {
  mkdir("/base", 0755);
  mkdir("/write", 0755);
  mkdir("/root", 0755);
  mount_or_die(disk(0), "/base", "ext4", MS_RDONLY | MS_NODEV | MS_NOSUID, NULL);
  mount_or_die(disk(1), "/write", "ext4", MS_NODEV | MS_NOSUID | MS_NOATIME, NULL);
  mkdir("/write/upper", 0755);
  mkdir("/write/work", 0755);
  mount_or_die("overlay", "/root", "overlay", MS_NODEV | MS_NOSUID,
               "lowerdir=/base,upperdir=/write/upper,workdir=/write/work,redirect_dir=nofollow,metacopy=off,index=off,xino=off");
  serve_open_files();
}

static const char *const own_files[] = {"hostname", "hosts", "resolv.conf", "machine-id"};

static void ensure_folder(const char *path) { mkdir(path, 0755); }

static void make_devices(void) {
  static const struct { const char *path; int major, minor; } nodes[] = {
    {"/dev/null", 1, 3}, {"/dev/zero", 1, 5}, {"/dev/full", 1, 7}, {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0}};
  static const char *const links[][2] = {
    {"/proc/self/fd", "/dev/fd"}, {"fd/0", "/dev/stdin"}, {"fd/1", "/dev/stdout"}, {"fd/2", "/dev/stderr"}, {"pts/ptmx", "/dev/ptmx"}};
  umask(0);
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
    if (mknod(nodes[i].path, S_IFCHR | 0666, makedev((unsigned)nodes[i].major, (unsigned)nodes[i].minor)) < 0)
      die("Cannot make %s in the guest: %s.", nodes[i].path, strerror(errno));
  umask(022);
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    if (symlink(links[i][0], links[i][1]) < 0) die("Cannot link %s in the guest: %s.", links[i][1], strerror(errno));
}

static void write_own(const char *name, const char *text, const char *before) {
  char path[64];
  if (strcmp(text, before) == 0) return;
  snprintf(path, sizeof path, "/run/glovebox/%s", name);
  int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 || write_all(fd, text, strlen(text)) < 0) die("Cannot write %s in the guest: %s.", path, strerror(errno));
  close(fd);
}

static void copy_program(int from) {
  char bytes[65536];
  ssize_t n;
  int to = open("/run/glovebox/guest", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0555);
  while (to >= 0 && (n = read(from, bytes, sizeof bytes)) > 0)
    if (write_all(to, bytes, (size_t)n) < 0) die("Cannot bring the guest program into the image: %s.", strerror(errno));
  close(from);
  close(to);
}

/* A file of the box's own over the image's, empty for now. */
static void bind_file(const char *name) {
  char own[64], place[64];
  snprintf(own, sizeof own, "/run/glovebox/%s", name);
  snprintf(place, sizeof place, "/etc/%s", name);
  close(open(own, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  /* The place is made where it is missing; to open it for writing would copy it to the box's disk, as a change of it. */
  close(open(place, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (mount(own, place, NULL, MS_BIND, NULL) < 0) say("Cannot put the box's own %s in its place: %s.", place, strerror(errno));
  else mount(NULL, place, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL);
}

static void mount_common(int program) {
  static const char *const folders[] = {"/proc", "/dev", "/sys", "/run", "/etc", "/tmp"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) ensure_folder(folders[i]);
  mount_or_die("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755,size=1m");
  make_devices();
  ensure_folder("/dev/pts");
  ensure_folder("/dev/shm");
  ensure_folder("/dev/mqueue");
  mount_or_die("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
  mount_or_die("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=1777,size=4k");
  mount("mqueue", "/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  mount_or_die("tmpfs", "/sys", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "mode=555,size=4k");
  mount_or_die("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=16m");
  ensure_folder("/run/glovebox");
  ensure_folder("/run/user");
  mount_or_die("tmpfs", "/run/glovebox", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=4m");
  copy_program(program);
  for (size_t i = 0; i < sizeof own_files / sizeof *own_files; i++) bind_file(own_files[i]);
}

/* The box that was expected and is prepared for (serve_expect); its user folder is there where `mounted`. */
static struct { struct setup setup; bool mounted; } expected = {
  .setup = {.hostname = "", .hosts = "", .resolv_conf = "", .machine_id = "", .network = "", .home = ""}};

static void own_user_folder(const struct setup *setup) {
  char data[96], folder[48];
  snprintf(folder, sizeof folder, "/run/user/%u", expected.setup.uid);
  if (expected.mounted && expected.setup.uid == setup->uid && expected.setup.gid == setup->gid) return;
  if (expected.mounted && (umount(folder) < 0 || rmdir(folder) < 0)) die("Cannot take %s away: %s.", folder, strerror(errno));
  snprintf(folder, sizeof folder, "/run/user/%u", setup->uid);
  snprintf(data, sizeof data, "mode=700,size=16m,uid=%u,gid=%u", setup->uid, setup->gid);
  ensure_folder(folder);
  mount_or_die("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, data);
  expected.mounted = true;
}

/* What depends on the box: how much, whose, and which it is. */
static void fit_common(const struct setup *setup) {
  const struct setup *before = &expected.setup;
  char data[96];
  if (before->shared_bytes != setup->shared_bytes) {
    snprintf(data, sizeof data, "mode=1777,size=%llu", (unsigned long long)setup->shared_bytes);
    mount_or_die(NULL, "/dev/shm", NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC, data);
  }
  own_user_folder(setup);
  write_own("hostname", setup->hostname, before->hostname);
  write_own("hosts", setup->hosts, before->hosts);
  write_own("resolv.conf", setup->resolv_conf, before->resolv_conf);
  write_own("machine-id", setup->machine_id, before->machine_id);
}

enum { READ_AHEAD_MAX = 8 << 20 };

/* What is in memory is not read from the disk again; most commands begin with these. An image may have anything there. */
static void read_ahead(void) {
  static const char *const files[] = {"/bin/sh", "/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/libc.so.6", "/etc/ld.so.cache"};
  static char bytes[65536];
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    int fd = open(files[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    for (size_t done = 0; fd >= 0 && done < READ_AHEAD_MAX && read(fd, bytes, sizeof bytes) > 0;) done += sizeof bytes;
    if (fd >= 0) close(fd);
  }
}

/* What makes this guest another than its clones: name, time and random state. The entropy that is added reaches the
 * generators that hand bytes out only when they are seeded anew, which is asked for (random(4); drivers/char/random.c). */
static void take_identity(const struct setup *setup) {
  struct timespec now = {(time_t)(setup->time_ns / 1000000000), (long)(setup->time_ns % 1000000000)};
  struct { int bits, size; unsigned char bytes[32]; } entropy = {256, 32, {0}};
  memcpy(entropy.bytes, setup->seed, sizeof entropy.bytes);
  size_t length = strcspn(setup->hostname, "\n");
  if (sethostname(setup->hostname, length) < 0) say("Cannot set the hostname: %s.", strerror(errno));
  if (setup->time_ns > 0) clock_settime(CLOCK_REALTIME, &now);
  int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
  if (fd < 0 || ioctl(fd, RNDADDENTROPY, &entropy) < 0 || ioctl(fd, RNDRESEEDCRNG) < 0)
    die("Cannot seed the guest's random numbers: %s.", strerror(errno));
  close(fd);
}

static void loopback_up(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq request = {.ifr_name = "lo"};
  if (fd < 0) return;
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
}

/* Programs that need more memory than there is end one of themselves, instead of reading their own code from the disk
 * over and over: a working set that cannot be kept for a second is too large (admin-guide/mm/multigen_lru). */
static void prefer_killing_to_thrashing(void) {
  if (mount("sys", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) return;
  int fd = open("/sys/kernel/mm/lru_gen/min_ttl_ms", O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write_all(fd, "1000", 4) < 0) say("Cannot guard the guest against thrashing: %s.", strerror(errno));
  if (fd >= 0) close(fd);
  umount("/sys");
}

void serve_enter_root(void) {
  prefer_killing_to_thrashing();
  loopback_up();
  network_prepare();
  mount_disks();
  int program = open("/init", O_RDONLY | O_CLOEXEC);
  if (program < 0) die("Cannot find the guest program: %s.", strerror(errno));
  if (chdir("/root") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
    die("Cannot enter the image: %s.", strerror(errno));
  mount_common(program);
  mount_or_die("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

void serve_expect(const struct setup *setup) {
  fit_common(setup);
  expected.setup = *setup;
  read_ahead();
}

void serve_become(const struct setup *setup) {
  take_identity(setup);
  network_configure(setup->network);
  fit_common(setup);
  /* Root of the box, without a capability, owns what we made: it cannot swap the program or these files. */
  mount_or_die(NULL, "/run/glovebox", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV, "mode=755,size=4m");
  serve_mount_home(setup);
}

/* As the bundle of a container has it (src/engine/bundle.ts): what root of the box, without a capability, could
 * still change by being its owner. */
void serve_mount_proc(void) {
  static const char *const read_only[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
  static const char *const hidden[] = {"/proc/kcore", "/proc/keys", "/proc/kallsyms", "/proc/kmsg", "/proc/timer_list"};
  mount_or_die("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  for (size_t i = 0; i < sizeof read_only / sizeof *read_only; i++)
    if (mount(read_only[i], read_only[i], NULL, MS_BIND | MS_REC, NULL) == 0)
      mount_or_die(NULL, read_only[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
    if (access(hidden[i], F_OK) == 0) mount_or_die("/dev/null", hidden[i], NULL, MS_BIND, NULL);
}

/* The first process of a hostile guest, in the place of our own (guest/serve.c): its root in the fullest sense. It shakes
 * hands as ours does, and then does what the first argument of the box's command says. What it finds out it says as the
 * command's output. An attack that leaves the machine standing serves later commands: each ends with 7. */
#define _GNU_SOURCE
#include "../../../guest/guest.h"
#include "../../../guest/serve.h"
#include "../../../guest/wire.h"
#include "frames.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER = 7, MIB = 1 << 20 };

static int port = -1;
static struct wire wire;
static char attack[64];
static char rest[WIRE_PAYLOAD_MAX]; /* further arguments, each ended by NUL, and what follows them */
static uint32_t rest_count;

static void send_bytes(const void *bytes, size_t length) {
  const unsigned char *at = bytes;
  while (length > 0) {
    ssize_t n = write(port, at, length);
    if (n <= 0) for (;;) pause(); /* the monitor ends the machine */
    at += n;
    length -= (size_t)n;
  }
}

static void frame(uint32_t length, uint16_t session, uint8_t kind, uint8_t stream, const void *payload, size_t real) {
  static unsigned char bytes[sizeof(struct wire_header) + WIRE_PAYLOAD_MAX];
  struct wire_header h = {length, session, kind, stream};
  memcpy(bytes, &h, sizeof h);
  if (real > 0) memcpy(bytes + sizeof h, payload, real);
  send_bytes(bytes, sizeof h + real);
}

static void tell(const char *text) { frame((uint32_t)strlen(text), 1, WIRE_DATA, 1, text, strlen(text)); }

static void end(uint16_t session, uint8_t code) { frame(1, session, WIRE_EXIT, 0, &code, 1); }

static bool hear(void *context, const struct wire_header *h, const unsigned char *payload) {
  (void)context;
  if (h->kind != WIRE_OPEN || h->stream == 1) return true;
  if (h->session != 1) end(h->session, ANSWER);
  if (h->session != 1 || attack[0]) return true;
  const struct wire_command *fixed = (const void *)payload;
  const char *folder = (const char *)(fixed + 1);
  snprintf(attack, sizeof attack, "%s", folder + strlen(folder) + 1);
  const char *further = folder + strlen(folder) + 1 + strlen(attack) + 1;
  memcpy(rest, further, (size_t)((const char *)payload + h->length - further));
  rest_count = fixed->argument_count - 1;
  return true;
}

/* What came from the monitor, waited for or not. */
static void listen_to_monitor(bool wait) {
  unsigned char bytes[WIRE_PAYLOAD_MAX];
  struct pollfd p = {port, POLLIN, 0};
  if (!wait && poll(&p, 1, 0) != 1) return;
  ssize_t n = read(port, bytes, sizeof bytes);
  if (n > 0) wire_feed(&wire, bytes, (size_t)n, hear, NULL);
}

_Noreturn static void serve_others(void) {
  for (;;) listen_to_monitor(true);
}

/* Frames that break a rule, each alone. */
static void break_rule(void) {
  static const struct { const char *name; uint32_t length; uint16_t session; uint8_t kind, stream; size_t real; } rules[] = {
    {"oversized", 0xffffffff, 1, WIRE_DATA, 1, 0}, {"just-oversized", WIRE_PAYLOAD_MAX + 1, 1, WIRE_DATA, 1, 0},
    {"no-session", 0, 65535, WIRE_DATA, 1, 0}, {"unopened", 1, 9, WIRE_DATA, 1, 1}, {"exit-unopened", 1, 9, WIRE_EXIT, 0, 1},
    {"no-stream", 0, 1, WIRE_DATA, 7, 0}, {"input", 1, 1, WIRE_DATA, 0, 1}, {"no-kind", 0, 1, 200, 0, 0},
    {"ours", 4, 1, WIRE_OPEN, 0, 4}, {"long-exit", 4, 1, WIRE_EXIT, 0, 4}, {"short-credit", 1, 1, WIRE_CREDIT, 0, 1},
    {"credit", 4, 1, WIRE_CREDIT, 0, 4}, {"ready-twice", 4, 0, WIRE_READY, 0, 4}};
  unsigned char payload[4] = {1, 0, 0, 0x7f};
  if (!strcmp(attack, "ready-twice")) payload[3] = 0;
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
    if (!strcmp(attack, rules[i].name)) frame(rules[i].length, rules[i].session, rules[i].kind, rules[i].stream, payload, rules[i].real);
}

static void garbage(void) {
  unsigned char bytes[4096];
  uint64_t state = 88172645463325252ull;
  for (int turn = 0; turn < 64; turn++) {
    for (size_t i = 0; i < sizeof bytes; i++) {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      bytes[i] = (unsigned char)state;
    }
    send_bytes(bytes, sizeof bytes);
  }
}

/* A command that ended goes on, and ends again with another code. */
static void after_exit(void) {
  end(1, 3);
  tell("from the grave");
  end(1, 4);
}

/* Frames that are in order and mean nothing, for ever. */
_Noreturn static void flood_port(void) {
  const uint32_t none = 0;
  for (;;) {
    for (int i = 0; i < 256; i++) {
      frame(sizeof none, 1, WIRE_CREDIT, 0, &none, sizeof none);
      frame(0, 1, WIRE_DATA, 1, NULL, 0);
    }
    listen_to_monitor(false);
  }
}

/* Without any regard to credit. */
_Noreturn static void flood_output(void) {
  static unsigned char bytes[WIRE_PAYLOAD_MAX];
  memset(bytes, 'y', sizeof bytes);
  for (;;) frame(sizeof bytes, 1, WIRE_DATA, 1, bytes, sizeof bytes);
}

_Noreturn static void flood_console(void) {
  static char line[4096];
  memset(line, 'x', sizeof line - 1);
  line[sizeof line - 1] = '\n';
  tell("flooding\n");
  if (fork() == 0)
    for (;;) write_all(1, line, sizeof line);
  serve_others();
}

/* The last words that a user sees come from a guest: they must not drive the terminal. */
static void escape(void) {
  write_all(1, "\033]0;owned\007\0hidden\n", 20);
  reboot(RB_POWER_OFF);
}

static void disk_path(char *ret, size_t size, char letter) {
  snprintf(ret, size, "/dev/ubd%c", letter);
  if (access(ret, F_OK) < 0) snprintf(ret, size, "/dev/vd%c", letter);
}

/* How far a disk lets itself be written, and whether it keeps that. */
static void write_disk(char letter, size_t most_mib) {
  static unsigned char bytes[MIB], back[4096];
  char path[32], line[96];
  disk_path(path, sizeof path, letter);
  memset(bytes, 0xa5, sizeof bytes);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  int error = fd < 0 ? errno : 0;
  size_t done = 0;
  for (; fd >= 0 && done < most_mib; done++)
    if (write(fd, bytes, sizeof bytes) != (ssize_t)sizeof bytes || fsync(fd) < 0) {
      error = errno;
      break;
    }
  bool kept = fd >= 0 && pread(fd, back, sizeof back, 0) == (ssize_t)sizeof back && !memcmp(back, bytes, sizeof back) && done > 0;
  snprintf(line, sizeof line, "disk %c: %zu MiB written, %s, errno %d\n", letter, done, kept ? "kept" : "not kept", error);
  tell(line);
}

static void list(const char *path) {
  char line[512];
  DIR *folder = opendir(path);
  if (!folder) {
    snprintf(line, sizeof line, "%s: errno %d\n", path, errno);
    tell(line);
    return;
  }
  for (struct dirent *entry; (entry = readdir(folder));) {
    snprintf(line, sizeof line, "%s/%s\n", path, entry->d_name);
    tell(line);
  }
  closedir(folder);
}

/* UML's way to the files of the host, as whoever the kernel's process is there. */
static void host_files(void) {
  static const char *const folders[] = {"", "/home", "/root", "/tmp", "/machine", "/machine/write"};
  static const char *const files[] = {"/etc/hostname", "/proc/1/cmdline", "/proc/self/status", "/proc/net/dev"};
  char path[128], text[4096];
  mkdir("/host", 0755);
  if (mount("none", "/host", "hostfs", 0, "/") < 0) {
    snprintf(text, sizeof text, "no hostfs: errno %d\n", errno);
    tell(text);
    return;
  }
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    snprintf(path, sizeof path, "/host%s", folders[i]);
    list(path);
  }
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    snprintf(path, sizeof path, "/host%s", files[i]);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    text[n > 0 ? n : 0] = 0;
    tell(text);
    if (fd >= 0) close(fd);
  }
  snprintf(path, sizeof path, "/host%s", "/machine/image");
  snprintf(text, sizeof text, "the shared disk: %s\n", open(path, O_RDWR | O_CLOEXEC) < 0 ? strerror(errno) : "WRITABLE");
  tell(text);
}

static void act(void) {
  if (!strcmp(attack, "garbage")) garbage();
  else if (!strcmp(attack, "after-exit")) after_exit();
  else if (!strcmp(attack, "flood-port")) flood_port();
  else if (!strcmp(attack, "flood-output")) flood_output();
  else if (!strcmp(attack, "flood-console")) flood_console();
  else if (!strcmp(attack, "escape")) escape();
  else if (!strcmp(attack, "panic")) _exit(1); /* "Attempted to kill init" */
  else if (!strcmp(attack, "halt")) reboot(RB_HALT_SYSTEM);
  else if (!strcmp(attack, "power-off")) reboot(RB_POWER_OFF);
  else if (!strcmp(attack, "restart")) reboot(RB_AUTOBOOT);
  else if (!strcmp(attack, "close")) tell("closing\n"), close(port), port = -1;
  else if (!strcmp(attack, "silent")) tell("silent\n");
  else if (!strcmp(attack, "disks")) write_disk('a', 4), write_disk('b', 64), end(1, ANSWER);
  else if (!strcmp(attack, "frames")) tell(frames_send(rest, rest_count)), end(1, ANSWER);
  else if (!strcmp(attack, "host-files")) host_files(), end(1, ANSWER);
  else break_rule();
}

static void open_port(void) {
  const struct timespec moment = {0, 500000};
  for (;; nanosleep(&moment, NULL)) {
    if (port < 0) port = open("/dev/vport0p0", O_RDWR | O_CLOEXEC);
    if (port < 0) port = open("/dev/vport0p1", O_RDWR | O_CLOEXEC);
    struct pollfd p = {port, POLLOUT, 0};
    if (port >= 0 && poll(&p, 1, 0) == 1 && !(p.revents & POLLHUP)) return;
  }
}

int main(void) {
  mount("dev", "/dev", "devtmpfs", 0, NULL);
  mount("proc", "/proc", "proc", 0, NULL);
  int console = open("/dev/console", O_RDWR);
  for (int fd = 0; console >= 0 && fd < 3; fd++) dup2(console, fd);
  serve_load_modules();
  open_port();
  uint32_t version = WIRE_VERSION;
  frame(sizeof version, 0, WIRE_READY, 0, &version, sizeof version);
  while (!attack[0]) listen_to_monitor(true);
  act();
  for (;;) pause();
}

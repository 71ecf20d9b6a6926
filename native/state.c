/* What the supervisor writes down of a running box, for whoever looks for its processes: src/box/state.ts and gate.ts read it. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Whole or not at all: others read it at any time. */
static void write_small(const struct options *o, const char *name, const char *line, size_t length) {
  char temporary[PATH_MAX], path[PATH_MAX];
  snprintf(temporary, sizeof temporary, "%s/%s.new", o->state_dir, name);
  snprintf(path, sizeof path, "%s/%s", o->state_dir, name);
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0 || write_all(fd, line, length) < 0 || rename(temporary, path) < 0)
    die("Cannot write the state of the box to %s: %s.", path, strerror(errno));
  close(fd);
}

/* One line: the supervisor, the holder, each with its start time, and the boot they belong to. */
void state_write_supervisor(const struct options *o, pid_t holder) {
  if (!o->state_dir) return;
  char boot[64] = "", line[256];
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read(fd, boot, sizeof boot - 1) : 0;
  if (fd >= 0) close(fd);
  boot[n > 0 ? n - 1 : 0] = 0;
  int length = snprintf(line, sizeof line, "%d %llu %d %llu %s\n", (int)getpid(), (unsigned long long)process_start_time(getpid()),
                        (int)holder, (unsigned long long)process_start_time(holder), boot);
  write_small(o, "supervisor", line, (size_t)length);
}

/* One line: the anchor and the keeper of the gate, each with its start time. */
void state_write_gate(const struct options *o, pid_t anchor, pid_t keeper) {
  char line[128];
  if (!o->state_dir) return;
  int length = snprintf(line, sizeof line, "%d %llu %d %llu\n", (int)anchor, (unsigned long long)process_start_time(anchor), (int)keeper,
                        (unsigned long long)process_start_time(keeper));
  write_small(o, "gate", line, (size_t)length);
}

/* Asks the box's control groups in the end whether the kernel ended a process of the box for want of memory: the box's
 * own exit code does not tell that from any other SIGKILL. */
#include "holder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whole text of a small file of the kernel's; false where it cannot be read. */
static bool read_small(const char *dir, const char *name, char *ret_text, size_t size) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read(fd, ret_text, size - 1) : -1;
  if (fd >= 0) close(fd);
  ret_text[n > 0 ? n : 0] = 0;
  return n > 0;
}

/* Of version 2, memory.events and memory.max (cgroup-v2.rst); of version 1, memory.oom_control and
 * memory.limit_in_bytes (cgroup-v1/memory.rst). Both count kills on a line "oom_kill N". */
static uint64_t bound_passed(const char *dir) {
  static const char *const files[][2] = {{"memory.events", "memory.max"}, {"memory.oom_control", "memory.limit_in_bytes"}};
  char text[512];
  for (size_t i = 0; i < 2; i++) {
    if (!read_small(dir, files[i][0], text, sizeof text)) continue;
    const char *count = strstr(text, "\noom_kill ");
    if (!count || strtoull(count + strlen("\noom_kill "), NULL, 10) == 0) return 0;
    return read_small(dir, files[i][1], text, sizeof text) ? strtoull(text, NULL, 10) : 0;
  }
  return 0;
}

/* The scope that systemd-run(1) made for this process and the box; a path of another kind is not the box's. */
static bool own_scope(char *ret_dir, size_t size) {
  char text[4096];
  if (!read_small("/proc/self", "cgroup", text, sizeof text)) return false;
  char *path = strstr(text, "0::/");
  if (!path) return false;
  path += strlen("0::");
  path[strcspn(path, "\n")] = 0;
  if (!strstr(path, "/glovebox-")) return false;
  return (size_t)snprintf(ret_dir, size, "/sys/fs/cgroup%s", path) < size;
}

uint64_t cgroups_bound_passed(const struct options *o) {
  char scope[PATH_MAX];
  for (size_t i = 0; i < o->cgroup_count; i++) {
    uint64_t bytes = bound_passed(o->cgroups[i]);
    if (bytes > 0) return bytes;
  }
  return own_scope(scope, sizeof scope) ? bound_passed(scope) : 0;
}

/* The box's output on disk, bounded: when half of the bound is written, the file becomes `PATH.1` and a new one
 * begins. Losing the log never stops the box: an error ends the log, not the relay. */
#include "holder.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static char current_path[PATH_MAX], older_path[PATH_MAX + 2];
static uint64_t half, written;

int log_open(const char *path, uint64_t max_bytes) {
  snprintf(current_path, sizeof current_path, "%s", path);
  snprintf(older_path, sizeof older_path, "%s.1", current_path);
  half = max_bytes / 2;
  return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static void rotate(int fd) {
  if (rename(current_path, older_path) < 0) return;
  int fresh = open(current_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fresh < 0) return;
  dup3(fresh, fd, O_CLOEXEC);
  close(fresh);
  written = 0;
}

void log_write(int fd, const char *bytes, size_t length) {
  if (half > 0 && written + length > half && written > 0) rotate(fd);
  if (write_all(fd, bytes, length) == 0) written += length;
}

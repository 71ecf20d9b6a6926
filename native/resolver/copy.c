/* The same lines once more, in a file of the user's that lives longer than the box. It is appended to and never cut, so what a
 * full disk has cut short stays there, with a line of its own behind it. At its bound it says so, and gets no more. */
#include "resolver.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static struct { int fd; bool full, torn; uint64_t bytes, most, lost; } copy = {.fd = -1};

bool copy_open(int fd, uint64_t most) {
  struct stat st;
  copy.fd = fd;
  copy.most = most;
  if (fd < 0) return true;
  if (fstat(fd, &st) < 0) return false;
  copy.bytes = (uint64_t)st.st_size;
  return true;
}

static bool put(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(copy.fd, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    copy.torn = true;
    copy.bytes += (size_t)written;
    bytes += written;
    length -= (size_t)written;
  }
  copy.torn = false;
  return true;
}

static bool say(const char *event, uint64_t lines) {
  struct line line;
  log_begin(&line);
  log_say(&line, ",\"event\":\"%s\"", event);
  if (lines > 0) log_say(&line, ",\"lines\":%llu", (unsigned long long)lines);
  log_say(&line, "}\n");
  return put(line.text, line.used);
}

/* Whole lines. */
void copy_write(const char *lines, size_t length) {
  if (copy.fd < 0 || copy.full || length == 0) return;
  if (copy.bytes + length + LOG_LINE > copy.most) {
    copy.full = (!copy.torn || put("\n", 1)) && say("full", 0);
    return;
  }
  if ((copy.torn && !put("\n", 1)) || (copy.lost > 0 && !say("lost", copy.lost))) goto lost;
  copy.lost = 0;
  if (put(lines, length)) return;
lost:
  for (size_t i = 0; i < length; i++) copy.lost += lines[i] == '\n';
}

/* The journal of all boxes' events: lines of JSON that several processes append, read by `glovebox events`.
 * src/box/journal.ts writes the others, keeps it bounded and reads it. A line is one write(2) at the file's end, so
 * lines of several supervisors do not mix. Losing an event never stops a box. */
#include "holder.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

void journal_write(const struct options *o, const char *type, const char *rest) {
  char line[256];
  struct timespec now;
  if (!o->journal) return;
  clock_gettime(CLOCK_REALTIME, &now);
  int length = snprintf(line, sizeof line, "{\"timeMs\":%lld,\"box\":\"%s\",\"type\":\"%s\"%s}\n",
                        (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000, o->journal_box, type, rest);
  if (length < 0 || (size_t)length >= sizeof line) return;
  int fd = open(o->journal, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  write_all(fd, line, (size_t)length);
  close(fd);
}

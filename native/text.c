/* Words out, small files in and out. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failure_socket = -1;

void die_to(int control) { failure_socket = control; }

/* Ends the process. In the inner half the message goes to the outer one, which owns the user's stderr. */
_Noreturn void die(const char *format, ...) {
  char text[MESSAGE_TEXT];
  va_list list;
  va_start(list, format);
  int length = vsnprintf(text, sizeof text, format, list);
  va_end(list);
  if (length < 0) length = 0;
  if ((size_t)length >= sizeof text) length = sizeof text - 1;
  if (failure_socket >= 0) message_send(failure_socket, MSG_FAILED, 0, text, (size_t)length, NULL, 0);
  else dprintf(2, "glovebox: %s\n", text);
  _exit(EXIT_OURS);
}

int write_all(int fd, const void *bytes, size_t length) {
  const char *next = bytes;
  while (length > 0) {
    ssize_t n = write(fd, next, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    next += n;
    length -= (size_t)n;
  }
  return 0;
}

int write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int result = write_all(fd, text, strlen(text));
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

/* Field 22 of /proc/PID/stat (proc(5)): with the pid it names one process for the life of the machine.
 * The command name in field 2 may hold spaces and brackets, so counting begins behind its last bracket. */
uint64_t process_start_time(pid_t pid) {
  char path[64], stat[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, stat, sizeof stat - 1);
  close(fd);
  if (n <= 0) return 0;
  stat[n] = 0;
  char *at = strrchr(stat, ')');
  for (int field = 2; at && field < 22; field++) at = strchr(at + 1, ' ');
  return at ? strtoull(at + 1, NULL, 10) : 0;
}

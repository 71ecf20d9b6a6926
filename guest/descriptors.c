/* What a box's processes inherit: 0, 1 and 2, and the monitor of a virtual machine its devices from 3 on. The runtime sees to that already; a leaked descriptor of the host was
 * the way out more than once (CVE-2024-21626), so it is done twice. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { POLLED_AT_ONCE = 1024 };

/* poll(2) tells in one call which of a thousand are open: a call for each takes a second on gVisor's ptrace platform. */
static void close_open_ones(int from) {
  struct pollfd fds[POLLED_AT_ONCE];
  for (int i = 0; i < POLLED_AT_ONCE; i++) fds[i] = (struct pollfd){from + i, 0, 0};
  bool asked = poll(fds, POLLED_AT_ONCE, 0) >= 0; /* refused where the limit of descriptors is below a thousand */
  for (int i = 0; i < POLLED_AT_ONCE; i++)
    if (!asked || !(fds[i].revents & POLLNVAL)) close(from + i);
}

void keep_only_descriptors(int last) {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0) _exit(EXIT_OURS); /* the next file opened would be taken for a standard stream */
  int first = last + 1;
  if (syscall(SYS_close_range, (unsigned)first, ~0u, 0u) == 0) return;
  /* Before Linux 5.9, in older gVisor, or where a filter refuses it. */
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) die("Cannot close inherited descriptors: their limit is not known.");
  for (rlim_t from = (rlim_t)first; from < limit.rlim_cur && from < 1 << 20; from += POLLED_AT_ONCE) close_open_ones((int)from);
}

/* A working folder that was entered by a leaked descriptor lies outside of our root, and leads to all that does; the
 * kernel then gives its path behind "(unreachable)" (getcwd(2)). */
void refuse_outer_folder(void) {
  char path[PATH_MAX];
  long length = syscall(SYS_getcwd, path, sizeof path);
  if (length < 0 && errno == ENOENT) return; /* deleted: it leads nowhere */
  if (length <= 0 || path[0] != '/') die("Cannot start the command: its working folder is not inside of the box.");
}

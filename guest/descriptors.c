/* What a box's processes inherit: 0, 1 and 2. The runtime sees to that already; a leaked descriptor of the host was
 * the way out more than once (CVE-2024-21626), so it is done twice. */
#include "guest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

void keep_only_standard_descriptors(void) {
  for (int fd = 0; fd <= 2; fd++)
    if (fcntl(fd, F_GETFD) < 0) _exit(EXIT_OURS); /* the next file opened would be taken for a standard stream */
  if (syscall(SYS_close_range, 3u, ~0u, 0u) == 0) return;
  /* Before Linux 5.9, in older gVisor, or where a filter refuses it. */
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) die("Cannot close inherited descriptors: their limit is not known.");
  for (rlim_t fd = 3; fd < limit.rlim_cur && fd < 1 << 20; fd++) close((int)fd);
}

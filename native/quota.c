/* What the kernel counts for each user. A user namespace's share counts for the user who made it, too (ucounts, Linux
 * 5.14; for inotify since 4.9), so a box could take all of it, and the user's own programs would get none. A box gets a
 * quarter: the user goes on beside a hostile box, and beside three. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SHARE = 4, WITHOUT_A_BOUND = 65536 };

static void share_rlimit(int resource) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) < 0) return;
  limit.rlim_max = limit.rlim_max == RLIM_INFINITY ? WITHOUT_A_BOUND : limit.rlim_max / SHARE;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(resource, &limit) < 0) die("Cannot bound what the box takes of your quotas: %s.", strerror(errno));
}

/* The box's bound is the namespace's own, below the one that counts for the user (namespaces(7), /proc/sys/user). */
static void share_count(const char *of_user, const char *of_namespace) {
  char text[32];
  int fd = open(of_user, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return; /* a kernel without it */
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n > 0 ? n : 0] = 0;
  snprintf(text, sizeof text, "%ld", strtol(text, NULL, 10) / SHARE);
  if (write_file(of_namespace, text) < 0) die("Cannot bound what the box takes of your quotas by %s: %s.", of_namespace, strerror(errno));
}

void quota_share_rlimits(void) {
  share_rlimit(RLIMIT_SIGPENDING);
  share_rlimit(RLIMIT_MSGQUEUE);
  /* No box is to come before the user's own programs. */
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_RTPRIO, &none);
  setrlimit(RLIMIT_NICE, &none);
}

void quota_share_counts(void) {
  share_count("/proc/sys/fs/inotify/max_user_instances", "/proc/sys/user/max_inotify_instances");
  share_count("/proc/sys/fs/inotify/max_user_watches", "/proc/sys/user/max_inotify_watches");
}

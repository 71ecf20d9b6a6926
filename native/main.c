/* glovebox-holder: the supervisor of one box, and the jail in which its OCI runtime runs.
 *
 * Theory of operation
 *
 * The program splits into two halves. The outer one stays the user's process, in the host's namespaces: it owns the
 * terminal, the standard streams, the log and the clock, and is what `glovebox run` execs into, so that nothing
 * larger stays in memory while the box runs. The inner one, the holder, is cloned into a user, mount, pid, ipc, uts
 * and network namespace of its own. Its user namespace maps subordinate ids only: no id of the user exists in it.
 * Its root is a tmpfs with the host's programs read-only and the layers of one image; crun, runc or runsc run there.
 * So a runtime that leaks a descriptor, follows a symlink of the image or is broken into (CVE-2019-5736,
 * CVE-2024-21626, CVE-2025-31133) finds neither the user's files nor the user's ids: that is the second wall.
 *
 * Lifetimes hang on the kernel. The holder is pid 1 of its pid namespace: when it ends, all in it is killed. It ends
 * when the outer half does (PR_SET_PDEATHSIG, and the end of file on the control socket). Its mounts, pipes and
 * tmpfs go with its namespaces. So whatever is killed, by whatever signal, nothing runs on or stays mounted.
 *
 * Its mounts are locked: a second user namespace of the same ids lies between them and the runtime (namespace.c), so
 * that nobody in there can write to the layers, which other boxes share.
 *
 * No descriptor of the user enters: all but 0-2 are closed at the start, and 0-2 are relayed through pipes, or a
 * pty, that the inner half makes. Terminal input cannot be forged (TIOCSTI), as the box has a pty of its own.
 *
 * Limits: no SUID bit, no capability on the host; needs newuidmap(1) unless it is root, unprivileged user
 * namespaces, overlayfs in them (Linux 5.11) and mount_setattr(2) (Linux 5.12). Not a setuid program: never make
 * it one, its command line is trusted.
 */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* 0-2 are open from here on, and nothing else is but the status descriptor. */
static void sanitize_descriptors(int status_fd) {
  int fd;
  do {
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd < 0) _exit(EXIT_OURS);
  } while (fd < 3 && fcntl(fd, F_SETFD, 0) == 0);
  close(fd);
  if (status_fd < 3) {
    syscall(SYS_close_range, 3u, ~0u, 0u);
    return;
  }
  fcntl(status_fd, F_SETFD, FD_CLOEXEC);
  if (status_fd > 3) syscall(SYS_close_range, 3u, (unsigned)status_fd - 1, 0u);
  syscall(SYS_close_range, (unsigned)status_fd + 1, ~0u, 0u);
}

/* Before anything is opened: the one descriptor that is meant to be here. */
static int status_descriptor(int argc, char **argv) {
  for (int i = 2; i + 1 < argc && strcmp(argv[i], "--"); i++)
    if (!strcmp(argv[i], "--status-fd")) return atoi(argv[i + 1]);
  return -1;
}

int main(int argc, char **argv) {
  static struct options o;
  pid_t parent = getppid();
  sanitize_descriptors(status_descriptor(argc, argv));
  enter_verbs(argc, argv, parent);
  options_parse(&o, argc, argv);
  if (o.die_with_parent) prctl(PR_SET_PDEATHSIG, SIGNAL_KILL_NOW);
  outside_prepare(&o);
  int control;
  pid_t holder;
  if (o.verb == VERB_JOIN) {
    if (o.log_path) die("A join keeps no log.");
    namespace_join(&o);
    holder = namespace_fork(&control);
  } else {
    holder = namespace_clone(&o, &control);
  }
  if (holder == 0) inside_run(&o, control);
  return outside_run(&o, control, holder);
}

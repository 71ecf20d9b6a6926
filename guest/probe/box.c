/* The reference box: a small sandbox for controls, closed but for the holes that are named.
 *
 * Theory of operation
 *
 * A probe that finds nothing has shown a wall only if it can find something: so each is also run here, with the one wall
 * open that it is about, and must come through. The box is made as bubblewrap(1) makes one, by namespaces without rights of
 * root: user, mount, pid, ipc, uts, net and cgroup; a root of its own on a tmpfs; a new session, session keyring,
 * environment; no descriptor but 0 to 2; a filter of system calls; no capability and none to be gained. It is a measure for
 * the exam and no product: nobody's application runs in it.
 *
 * --open=user takes the user namespace and the limits of rights away. Who is not root can have no other namespace then
 * (user_namespaces(7)), so that this is as good as no box; for root the others are there all the same. */
#include "box.h"
#include "probe.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
enum { KEYCTL_JOIN_SESSION_KEYRING = 1, LAST_CAPABILITY = 63 };

static const char *const names[HOLES] = {"files",   "pid",      "ipc",         "uts",         "net",    "cgroup", "user",
                                         "calls",   "keyring",  "terminal",    "descriptors", "environment", "folder", "devices"};

static int fail(const char *what) {
  dprintf(2, "the reference box cannot be made: %s: %s\n", what, strerror(errno));
  return 1;
}

/* Returns where the command begins, 0 for words that nobody knows. */
static int read_holes(int argc, char **argv, bool ret_open[HOLES]) {
  for (int i = 0; i < argc; i++) {
    if (!strcmp(argv[i], "--")) return i + 1 < argc ? i + 1 : 0;
    int hole = 0;
    if (strncmp(argv[i], "--open=", 7)) return 0;
    while (hole < HOLES && strcmp(argv[i] + 7, names[hole])) hole++;
    if (hole < HOLES) ret_open[hole] = true;
    else if (strcmp(argv[i] + 7, "all")) return 0;
    else for (hole = 0; hole < HOLES; hole++) ret_open[hole] = true;
  }
  return 0;
}

static int write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
  if (fd >= 0) close(fd);
  return n < 0 ? -1 : 0;
}

/* Each id stays itself, so that a process of the same user outside may be signalled where nothing else forbids it. */
static int map_ids(uid_t uid, gid_t gid) {
  char text[64];
  write_file("/proc/self/setgroups", "deny"); /* user_namespaces(7): before gid_map, and not there before Linux 3.19 */
  snprintf(text, sizeof text, "%u %u 1", uid, uid);
  if (write_file("/proc/self/uid_map", text) < 0) return -1;
  snprintf(text, sizeof text, "%u %u 1", gid, gid);
  return write_file("/proc/self/gid_map", text);
}

static int enter_namespaces(const bool open[HOLES]) {
  static const int flags[][2] = {{HOLE_PID, CLONE_NEWPID}, {HOLE_IPC, CLONE_NEWIPC},       {HOLE_UTS, CLONE_NEWUTS},
                                 {HOLE_NET, CLONE_NEWNET}, {HOLE_CGROUP, CLONE_NEWCGROUP}};
  uid_t uid = getuid();
  gid_t gid = getgid();
  if (open[HOLE_USER] && uid != 0) return 0;
  if (!open[HOLE_USER] && (unshare(CLONE_NEWUSER) < 0 || map_ids(uid, gid) < 0)) return -1;
  int wanted = open[HOLE_USER] && open[HOLE_FILES] ? 0 : CLONE_NEWNS;
  for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
    if (!open[flags[i][0]]) wanted |= flags[i][1];
  if (unshare(wanted) < 0) return -1;
  if (!open[HOLE_UTS] && sethostname("reference", 9) < 0) return -1;
  return 0;
}

/* A namespace's own loopback is down at first. */
static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
}

/* capabilities(7): with an empty bounding set and no_new_privs, execve(2) leaves none, to root neither. */
static void drop_rights(void) {
  for (int capability = 0; capability <= LAST_CAPABILITY; capability++) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int enter(const bool open[HOLES], char **command) {
  if (!open[HOLE_DESCRIPTORS]) syscall(SYS_close_range, 3u, ~0u, 0u);
  if (!open[HOLE_KEYRING]) syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
  if (!open[HOLE_TERMINAL]) setsid();
  bool namespaces = !open[HOLE_USER] || getuid() == 0;
  if (namespaces && !open[HOLE_NET]) raise_loopback();
  if (namespaces && !(open[HOLE_USER] && open[HOLE_FILES]) && box_root(open, command[0]) < 0) return fail("its root");
  if (!open[HOLE_FOLDER] && chdir("/") < 0) return fail("its folder");
  if (!open[HOLE_ENVIRONMENT]) clearenv();
  if (!open[HOLE_USER]) drop_rights();
  else if (!open[HOLE_CALLS] && getuid() != 0) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); /* seccomp(2) asks for it */
  if (!open[HOLE_CALLS] && box_filter() < 0) return fail("its filter");
  execv(command[0], command);
  return fail(command[0]);
}

int probe_box(int argc, char **argv) {
  bool open[HOLES] = {false};
  int at = read_holes(argc, argv, open);
  if (at == 0) return 2;
  if (enter_namespaces(open) < 0) return fail("its namespaces");
  pid_t pid = fork(); /* the first child is process 1 of the new pid namespace */
  if (pid < 0) return fail("its process");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    _exit(enter(open, argv + at));
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

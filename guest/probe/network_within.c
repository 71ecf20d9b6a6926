/* On the host: runs a command in a node of the exam's test LAN (src/lab), which is a process' user, network and mount namespace.
 *
 * nsenter(1) would do for root. An ordinary user's lab has a user namespace in which each id stays itself; whoever enters it has all
 * rights there, and execve(2) takes them away again, as the id is not 0. The command shall keep what `lab.run` leaves it: the rights by
 * which newuidmap(1) maps ids; with `all`, those of root over the node's network, for controls (capabilities(7), ambient set). */
#include "network.h"
#include "probe.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { SETGID_BIT = 6, SETUID_BIT = 7, VERSION_3 = 0x20080522, AMBIENT_RAISE = 2 };

static int fail(const char *what) {
  dprintf(2, "the node of the test LAN cannot be entered: %s: %s\n", what, strerror(errno));
  return 1;
}

static int open_namespace(const char *pid, const char *kind) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/ns/%s", pid, kind);
  return open(path, O_RDONLY | O_CLOEXEC);
}

/* setns(2) refuses the user namespace that one is in already. */
static bool is_own(int fd, const char *kind) {
  struct stat there, here;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/ns/%s", kind);
  return fstat(fd, &there) == 0 && stat(path, &here) == 0 && there.st_ino == here.st_ino && there.st_dev == here.st_dev;
}

static int keep_rights(bool all) {
  struct {
    uint32_t version;
    int pid;
  } header = {VERSION_3, 0};
  struct {
    uint32_t effective, permitted, inheritable;
  } rights[2];
  if (syscall(SYS_capget, &header, rights) < 0) return -1;
  for (int i = 0; i < 2; i++) rights[i].inheritable = rights[i].permitted;
  if (!all) {
    rights[0].inheritable &= 1u << SETUID_BIT | 1u << SETGID_BIT;
    rights[1].inheritable = 0;
  }
  if (syscall(SYS_capset, &header, rights) < 0) return -1;
  for (int bit = 0; bit < 64; bit++)
    if (rights[bit / 32].inheritable >> bit % 32 & 1) prctl(47 /* PR_CAP_AMBIENT */, AMBIENT_RAISE, bit, 0, 0);
  return 0;
}

int net_within(int argc, char **argv) {
  static const char *const kinds[] = {"user", "net", "mnt"};
  int fds[3];
  char folder[PATH_MAX];
  if (argc < 3) return 2;
  bool known = getcwd(folder, sizeof folder) != NULL, root = geteuid() == 0;
  for (int i = 0; i < 3; i++)
    if ((fds[i] = open_namespace(argv[0], kinds[i])) < 0) return fail(kinds[i]);
  for (int i = 0; i < 3; i++)
    if (!is_own(fds[i], kinds[i]) && setns(fds[i], 0) < 0) return fail(kinds[i]);
  if (known && chdir(folder) < 0) return fail(folder); /* another mount namespace begins at its root */
  if (!root && keep_rights(!strcmp(argv[1], "all")) < 0) return fail("rights");
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* forgotten when rights change (prctl(2)) */
  execvp(argv[2], argv + 2);
  return fail(argv[2]);
}

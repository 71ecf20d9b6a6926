/* Entering the gate of a running box: how its rules are changed and read while it runs.
 *
 * Theory of operation. The one way in is the anchor (gate.c), known by pid and start time. The pidfd is opened first and the start
 * time checked after, so that a reused pid is never joined; its user and network namespaces are joined in one step. What enters is
 * the subordinate root without groups, so it has none of the user's ids, and has CAP_NET_ADMIN in the gate alone: the bounding set
 * is empty but for it, so execve(2) gives nothing back. It stays in the host's mounts, as the tool is the host's, with the rights there
 * of a stranger. It ends with whoever started it, or when its time is up.
 *
 * No box is trusted for this: nothing of it is read, and the anchor is a process of ours that never speaks after its start. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CAP_NET_ADMIN_ = 12, LAST_CAPABILITY = 63, TOOL_SECONDS = 60 };
enum { TOOL_FILES = 64, TOOL_BYTES = 1 << 30, TOOL_WRITES = 64 << 20 };
struct cap_header { uint32_t version; int pid; };
struct cap_data { uint32_t effective, permitted, inheritable; };

static _Noreturn void fail(const char *what) {
  dprintf(2, "glovebox: Cannot enter the box's gate: %s: %s.\n", what, strerror(errno));
  _exit(EXIT_OURS);
}

static int bound(int resource, rlim_t most) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) < 0) return -1;
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < most) most = limit.rlim_max;
  return setrlimit(resource, &(struct rlimit){most, most});
}

/* What is dropped from the bounding set no program gets by being root's (capabilities(7)). */
static void keep_net_admin(void) {
  struct cap_header header = {0x20080522, 0};
  struct cap_data data[2] = {{1u << CAP_NET_ADMIN_, 1u << CAP_NET_ADMIN_, 0}, {0, 0, 0}};
  for (int cap = 0; cap <= LAST_CAPABILITY; cap++)
    if (cap != CAP_NET_ADMIN_ && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EINVAL) fail("drop what is not needed");
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 || syscall(SYS_capset, &header, data) < 0) fail("drop capabilities");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) fail("renounce new privileges");
}

/* Becomes the tool `argv`, which is named by its path, in the gate that `pidfd` is of. `parent`: whom it ends with. */
_Noreturn void enter_gate(int pidfd, pid_t parent, char *const argv[]) {
  static char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};
  if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNET) < 0) fail("join its namespaces");
  if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) fail("become the subordinate root");
  keep_net_admin();
  if (bound(RLIMIT_CORE, 0) < 0 || bound(RLIMIT_NOFILE, TOOL_FILES) < 0 || bound(RLIMIT_AS, TOOL_BYTES) < 0 || bound(RLIMIT_FSIZE, TOOL_WRITES) < 0 ||
      bound(RLIMIT_CPU, TOOL_SECONDS) < 0)
    fail("bound the tool");
  /* Forgotten at a change of ids (prctl(2)), so set after them. */
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) fail("end with whoever started it");
  if (getppid() != parent) _exit(EXIT_OURS);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  signal(SIGALRM, SIG_DFL);
  alarm(TOOL_SECONDS);
  execve(argv[0], argv, environment);
  dprintf(2, "glovebox: Cannot start %s: %s.\n", argv[0], errno == ENOENT ? "it is not installed" : strerror(errno));
  _exit(EXIT_OURS);
}

static uint64_t whole_number(const char *text) {
  char *end;
  errno = 0;
  uint64_t value = strtoull(text, &end, 10);
  if (errno || *end || end == text || *text < '0' || *text > '9') die("Not a whole number: %s.", text);
  return value;
}

/* A pidfd of that very process, which was read from the box's state. */
static int open_process(const char *pid_word, const char *start_word) {
  uint64_t pid = whole_number(pid_word), start = whole_number(start_word);
  if (pid == 0 || pid > INT32_MAX || start == 0) die("Not a process: %s.", pid_word);
  int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
  if (pidfd < 0) die("Cannot enter the box's gate: its process %d is gone.", (int)pid);
  if (process_start_time((pid_t)pid) != start) die("Cannot enter the box's gate: process %d is not of it any more.", (int)pid);
  return pidfd;
}

/* gate --target PID STARTTIME -- TOOL WORDS… : the anchor's gate. */
static _Noreturn void run_in_gate(int argc, char **argv, pid_t parent) {
  if (argc < 7 || strcmp(argv[2], "--target") || strcmp(argv[5], "--") || argv[6][0] != '/')
    die("usage: glovebox-holder gate --target PID STARTTIME -- /PATH/OF/TOOL WORDS…");
  enter_gate(open_process(argv[3], argv[4]), parent, argv + 6);
}

/* reread --target PID STARTTIME: the keeper has the resolver read its policy anew (gate.c). */
static int reread(int argc, char **argv) {
  if (argc != 5 || strcmp(argv[2], "--target")) die("usage: glovebox-holder reread --target PID STARTTIME");
  int pidfd = open_process(argv[3], argv[4]);
  if (syscall(SYS_pidfd_send_signal, pidfd, SIGHUP, NULL, 0) < 0) die("Cannot tell the box's resolver of its new policy: %s.", strerror(errno));
  return 0;
}

/* For the verbs of a running gate; else it returns, and nothing has been done. */
void enter_verbs(int argc, char **argv, pid_t parent) {
  if (argc > 1 && !strcmp(argv[1], "gate")) run_in_gate(argc, argv, parent);
  if (argc > 1 && !strcmp(argv[1], "reread")) _exit(reread(argc, argv));
  if (argc == 3 && !strcmp(argv[1], "tidy")) {
    join_tidy(argv[2]);
    _exit(0);
  }
}

/* The host kernel's surface: objects that a sandbox's programs can make in it.
 *
 * Theory of operation
 *
 * That a call returns a descriptor says nothing: gVisor and a machine of its own have an io_uring, too, which is none of the
 * host's. So the object is made and kept, and looked for on the host. For this the process that makes it must be found there:
 * it takes a name of the outer half's choosing, which stands in /proc/PID/comm for everybody (proc_pid_comm(5)), and a
 * descriptor of a known number, by which the outer half knows that it sees descriptors of this process at all.
 *
 * A child makes the object: a filter may end it for the call, and the marked parent is then still there to be found.
 * src/exam/catalogue/kernel/sight.ts has the rule by which what is seen, or is not, becomes a verdict. */
#include "kernel.h"
#include "probe.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static const struct kind *find_kind(const char *name) {
  static const struct kind *const tables[] = {object_kinds, socket_kinds, door_kinds};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
    for (const struct kind *kind = tables[i]; kind->name; kind++)
      if (!strcmp(kind->name, name)) return kind;
  return NULL;
}

/* Rights over new namespaces come from a user namespace (user_namespaces(7)), or are there already. */
static int enter_own(int namespaces) {
  return unshare(namespaces) == 0 ? 0 : unshare(CLONE_NEWUSER | namespaces);
}

static int make(const struct kind *kind, int argc, char **argv) {
  int made = -1;
  if (kind->within == 0 || kind->plainly_first) made = kind->make(argc, argv);
  if (made >= 0 || kind->within == 0) return made;
  return enter_own(kind->within) < 0 ? -1 : kind->make(argc, argv);
}

_Noreturn static void make_and_hold(const struct kind *kind, int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (make(kind, argc, argv) < 0) refused();
  else tell("made %s", kind->name);
  tell("holding");
  hold();
  _exit(0);
}

/* argv: MARK KIND [WORD…] */
static int run_object(int argc, char **argv) {
  const struct kind *kind = argc < 2 ? NULL : find_kind(argv[1]);
  if (!kind || strlen(argv[0]) > MOST_MARK) return 2;
  if (prctl(PR_SET_NAME, argv[0], 0, 0, 0) < 0 || dup2(0, MARK_FD) < 0) return refused();
  tell("marked");
  pid_t pid = fork();
  if (pid < 0) return refused();
  if (pid == 0) make_and_hold(kind, argc - 2, argv + 2);
  int status = 0;
  /* Either it holds, and ends with our own input, or something has ended it before. */
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (!WIFSIGNALED(status)) return 0;
  tell("ended by signal %d%s", WTERMSIG(status), WTERMSIG(status) == SIGSYS ? " (a filter of system calls)" : "");
  tell("holding");
  hold();
  return 0;
}

/* argv: MARK PROGRAM. Gives rights of root up where it has them, and runs a set-user-id copy of this program. */
static int run_setuid(int argc, char **argv) {
  if (argc < 2) return 2;
  if (geteuid() == 0 && (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0)) {
    tell("root-only"); /* the user namespace knows nobody else: whom it would act for cannot be told apart */
    return refused();
  }
  execl(argv[1], argv[1], "probe", "kernel-object", argv[0], "none", (char *)NULL);
  return refused();
}

const struct verb kernel_verbs[] = {{"kernel-object", run_object},   {"kernel-look", run_look},     {"kernel-log", run_log},
                                    {"kernel-symbols", run_symbols},   {"kernel-setting", run_setting},
                                    {"kernel-setuid", run_setuid},   {NULL, NULL}};

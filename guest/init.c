/* Process 1 of the box.
 *
 * Theory of operation
 *
 * All signals are blocked and taken with sigwaitinfo(2), so there is no handler, no race and no work while nothing
 * happens. (A blocked signal is queued even for process 1, which the kernel otherwise spares what it does not
 * handle: signal(7), sig_ignored() in kernel/signal.c.) A signal goes on to the command's process group; SIGCHLD
 * means that something ended: every zombie is reaped, be it ours or an orphan's. When the command itself has ended,
 * so do we, and the kernel kills what is left in the pid namespace (pid_namespaces(7)).
 *
 * With a terminal on stdin we lead its session and the command gets a process group of its own in the foreground:
 * ^C reaches the command only, and a shell can do job control below us. A command that ^Z stops has no shell to
 * bring it back, so it is brought back at once; a stop that came through us stays until SIGCONT comes through us.
 *
 * Without a terminal we leave the session we came from, and with it any terminal that it still holds (TIOCSTI), and
 * the command leads a process group that all signals go to.
 *
 * Not forwarded: SIGKILL and SIGSTOP, which nobody can take; faults, which are ours; SIGTTIN and SIGTTOU, which the
 * terminal sends to whom it means.
 */
#include "guest.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct init {
  sigset_t watched;
  bool terminal;         /* stdin is our controlling terminal */
  bool child_session;    /* we could not leave our session, so the child does */
  bool stopped_on_order; /* a stop was forwarded and no SIGCONT since */
  pid_t child;
};

static void watch_signals(struct init *init) {
  static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};
  sigfillset(&init->watched);
  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) sigdelset(&init->watched, own[i]);
  sigprocmask(SIG_SETMASK, &init->watched, NULL);
  signal(SIGCHLD, SIG_DFL); /* ignored, which may be inherited, would take the exit status away */
}

static void find_terminal(struct init *init) {
  if (isatty(0)) {
    if (tcgetpgrp(0) < 0 && getsid(0) != getpid()) setsid();
    if (tcgetpgrp(0) < 0) ioctl(0, TIOCSCTTY, 0);
    init->terminal = tcgetpgrp(0) >= 0;
  }
  if (!init->terminal && setsid() < 0) init->child_session = getsid(0) != getpid();
}

void default_signals(void) {
  sigset_t none;
  for (int number = 1; number <= SIGSYS; number++) signal(number, SIG_DFL); /* nobody ignores real-time signals */
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Runs in the child. SIGTTOU is still blocked here, so a background process may take the foreground (tcsetpgrp(3)). */
_Noreturn static void become_command(const struct init *init, char **command) {
  if (init->child_session) setsid();
  else setpgid(0, 0);
  if (init->terminal) tcsetpgrp(0, getpid());
  default_signals();
  _exit(launch(command));
}

static int exit_code(int status) {
  return WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

static void child_stopped(const struct init *init, int by) {
  if (!init->terminal || init->stopped_on_order || by == SIGSTOP) return;
  tcsetpgrp(0, init->child);
  kill(-init->child, SIGCONT);
}

/* The command's exit code once it has ended, else -1. */
static int reap(const struct init *init) {
  int code = -1, status;
  for (;;) {
    pid_t pid = waitpid(-1, &status, WNOHANG | WUNTRACED);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) return code;
    if (pid != init->child) continue;
    if (WIFSTOPPED(status)) child_stopped(init, WSTOPSIG(status));
    else code = exit_code(status);
  }
}

static void forward(struct init *init, int number) {
  if (number == SIGTTIN || number == SIGTTOU) return;
  if (number == SIGTSTP) init->stopped_on_order = true;
  if (number == SIGCONT) init->stopped_on_order = false;
  if (kill(-init->child, number) < 0) kill(init->child, number); /* it has no group of its own yet */
}

int init_run(char **command) {
  struct init init = {0};
  watch_signals(&init);
  find_terminal(&init);
  init.child = fork();
  if (init.child < 0) die("Cannot start %s: %s.", command[0], strerror(errno));
  if (init.child == 0) become_command(&init, command);
  /* Also here, as either of us may run first; the child's own call is then refused or in vain. */
  if (!init.child_session) setpgid(init.child, init.child);
  for (;;) {
    int number = sigwaitinfo(&init.watched, NULL);
    if (number < 0) continue; /* EINTR, from SIGSTOP and SIGCONT */
    if (number != SIGCHLD) {
      forward(&init, number);
      continue;
    }
    int code = reap(&init);
    if (code >= 0) return code;
  }
}

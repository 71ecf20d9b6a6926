/* with_pair PROGRAM RESOLVER-WORD... -- FLOWS-WORD...: the resolver and the log of flows with a socket pair between them, as a gate
 * starts them, which the resolver has as descriptor 20 and the log as 21. SIGTERM ends the log of flows and then all; SIGUSR1 halts it,
 * SIGUSR2 lets it go on. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(char *program, char **words, int end, int as) {
  pid_t child = fork();
  if (child != 0) return child;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || dup2(end, as) < 0) _exit(126);
  words[-1] = program;
  execv(program, words - 1);
  _exit(127);
}

int main(int argc, char **argv) {
  int ends[2], split = 2, status, got;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_SETMASK, &set, NULL);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return 1;
  while (split < argc && strcmp(argv[split], "--")) split++;
  if (split == argc || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return 1;
  char *program = argv[1];
  argv[split] = NULL;
  start(program, argv + 2, ends[0], 20);
  pid_t flows = start(program, argv + split + 1, ends[1], 21);
  while (sigwait(&set, &got) == 0) {
    if (got == SIGCHLD && waitpid(flows, &status, WNOHANG) == flows) return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    if (got == SIGTERM) kill(flows, SIGTERM);
    if (got == SIGUSR1) kill(flows, SIGSTOP);
    if (got == SIGUSR2) kill(flows, SIGCONT);
  }
  return 1;
}

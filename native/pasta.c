/* pasta(1) carries what the gate lets out. It runs outside, in the host's network namespace, but as the subordinate root: whoever
 * breaks it, by what a box sends, has none of the user's ids. It joins the gate through the anchor (gate.c), and ends with the
 * supervisor. Its words are kept, at most so many, for a start that fails. */
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
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MOST = 65536 };

static _Noreturn void fail(const char *what) {
  dprintf(2, "cannot %s: %s", what, strerror(errno));
  _exit(127);
}

static _Noreturn void become(const struct options *o, pid_t supervisor, pid_t anchor, int words) {
  char path[64], netns[64], *argv[PASTA_WORDS + 4];
  const struct rlimit most = {WORDS_MOST, WORDS_MOST};
  int null = open("/dev/null", O_RDWR | O_CLOEXEC), n = 0;
  if (null < 0 || dup2(null, 0) < 0 || dup2(words, 1) < 0 || dup2(words, 2) < 0) _exit(126);
  snprintf(path, sizeof path, "/proc/%d/ns/user", (int)anchor);
  snprintf(netns, sizeof netns, "/proc/%d/ns/net", (int)anchor);
  int user = open(path, O_RDONLY | O_CLOEXEC);
  if (user < 0 || setns(user, CLONE_NEWUSER) < 0) fail("enter the gate's user namespace");
  if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0) fail("become the subordinate root");
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  /* A message beyond its bound fails, and does not end it. */
  signal(SIGXFSZ, SIG_IGN);
  signal(SIGPIPE, SIG_DFL);
  if (setrlimit(RLIMIT_FSIZE, &most) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) fail("bound pasta");
  if (getppid() != supervisor) _exit(EXIT_OURS);
  for (int i = 0; i < o->pasta_count; i++) argv[n++] = o->pasta[i];
  argv[n++] = "--netns";
  argv[n++] = netns;
  argv[n] = NULL;
  execvp(argv[0], argv);
  fail(errno == ENOENT ? "find pasta (package passt)" : "start pasta");
}

pid_t pasta_start(const struct options *o, pid_t anchor, int *ret_words) {
  pid_t supervisor = getpid();
  *ret_words = (int)syscall(SYS_memfd_create, "pasta", 1u /* MFD_CLOEXEC */);
  pid_t child = *ret_words < 0 ? -1 : fork();
  if (child == 0) become(o, supervisor, anchor, *ret_words);
  return child;
}

/* What it said, on one line. */
void pasta_words(int fd, char *ret, size_t size) {
  ssize_t n = fd >= 0 ? pread(fd, ret, size - 1, 0) : 0;
  ret[n > 0 ? n : 0] = 0;
  for (char *at = ret; *at; at++)
    if (*at == '\n') *at = at[1] ? ' ' : 0;
}

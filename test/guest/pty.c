/* Test fixture: runs a command on a pseudo-terminal of its own, stdin and stdout being the terminal's other end.
 * SIGUSR1 makes the window 40 lines of 100 columns. Exits as the command does, 128+n for signal n. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int master;

static void resize(int number) {
  (void)number;
  struct winsize size = {.ws_row = 40, .ws_col = 100};
  ioctl(master, TIOCSWINSZ, &size);
}

static void fail(const char *what) {
  perror(what);
  exit(99);
}

static pid_t start(char **command) {
  master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) fail("pty");
  const char *name = ptsname(master);
  pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid > 0) return pid;
  setsid();
  int slave = open(name, O_RDWR); /* becomes the controlling terminal */
  if (slave < 0) fail(name);
  for (int fd = 0; fd < 3; fd++) dup2(slave, fd);
  if (slave > 2) close(slave);
  execvp(command[0], command);
  fail(command[0]);
  return -1;
}

/* Copies what is there; 0 at the end. EIO is how a terminal says that nobody holds its other side any more. */
static int copy(int from, int to) {
  char buffer[4096];
  ssize_t n = read(from, buffer, sizeof buffer);
  if (n < 0 && errno == EINTR) return 1;
  if (n <= 0) return 0;
  return write(to, buffer, (size_t)n) == n;
}

int main(int argc, char **argv) {
  if (argc < 2) return 99;
  pid_t pid = start(argv + 1);
  struct sigaction action = {.sa_handler = resize, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, NULL);
  struct pollfd ends[] = {{.fd = master, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  for (;;) {
    if (poll(ends, 2, -1) < 0) continue;
    if (ends[1].revents && !copy(0, master)) ends[1].fd = -1;
    if (ends[0].revents && !copy(master, 1)) break;
  }
  int status;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

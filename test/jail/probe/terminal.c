/* Reaches for the terminal: forged input (TIOCSTI, CVE-2017-5226) and the terminal by its name. `own` makes one and
 * runs a command on it with a shell's place behind: it prints what stands on the input when the command has ended. */
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

static int forge(const char *text) {
  for (; *text; text++)
    if (ioctl(0, TIOCSTI, text) < 0) return probe_say(-1);
  return probe_say(0);
}

static void relay_output(int master, pid_t child) {
  char bytes[4096];
  for (;;) {
    struct pollfd fd = {master, POLLIN, 0};
    int status, ready = poll(&fd, 1, 50);
    if (ready > 0) {
      ssize_t n = read(master, bytes, sizeof bytes);
      if (n > 0) { fwrite(bytes, 1, (size_t)n, stdout); fflush(stdout); continue; }
    }
    if (ready == 0 && waitpid(child, &status, WNOHANG) == child) return;
  }
}

/* The command of a session whose terminal this is; the slave stays open here, as a user's shell would hold it. */
static int own(char **command) {
  int master = posix_openpt(O_RDWR | O_NOCTTY), waiting = 0;
  if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) return probe_say(-1);
  const char *name = ptsname(master);
  int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  printf("host %s\n", name);
  fflush(stdout);
  struct termios plain;
  tcgetattr(slave, &plain);
  plain.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  tcsetattr(slave, TCSANOW, &plain);
  pid_t child = fork();
  if (child == 0) {
    setsid();
    int fd = open(name, O_RDWR);
    ioctl(fd, TIOCSCTTY, 0);
    for (int i = 0; i < 3; i++) dup2(fd, i);
    execvp(command[0], command);
    _exit(127);
  }
  relay_output(master, child);
  ioctl(slave, FIONREAD, &waiting);
  printf("\nwaiting %d\n", waiting);
  return 0;
}

int probe_terminal(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[0], "forge")) return forge(argv[1]);
  if (argc >= 2 && !strcmp(argv[0], "own")) return own(argv + 1);
  if (!strcmp(argv[0], "reopen")) {
    int fd = open(argc > 1 ? argv[1] : "/dev/tty", O_RDWR);
    return probe_say(fd < 0 ? -1 : write(fd, "reopened\n", 9));
  }
  return 2;
}

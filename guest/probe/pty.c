/* The outer half of a terminal: what a user's terminal emulator is to a sandbox. The command gets a new session with the slave
 * of a new pseudo-terminal as its controlling terminal (pty(7)); standard input and output are relayed to the master. When the
 * command has ended, whatever lies unread in the terminal's input is what the user's shell would read next: it is told as
 * `left TEXT`, which is how TIOCSTI(2const) is witnessed (CVE-2017-5226). With --type=TEXT the user then types that, and for a
 * second more is shown what comes of it: a process that the command has left behind may read it. */
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

static int open_slave(int master) {
  int unlocked = 0;
  if (ioctl(master, TIOCSPTLCK, &unlocked) < 0) return -1;
  return ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
}

_Noreturn static void become(int slave, char **command) {
  setsid();
  ioctl(slave, TIOCSCTTY, 0);
  for (int fd = 0; fd <= 2; fd++) dup2(slave, fd);
  close(slave);
  execvp(command[0], command);
  dprintf(2, "cannot run %s: %s\r\n", command[0], strerror(errno));
  _exit(127);
}

/* false once `from` is at its end */
static bool relay(int from, int to) {
  char text[4096];
  ssize_t n = read(from, text, sizeof text);
  if (n <= 0) return n < 0 && (errno == EINTR || errno == EAGAIN);
  for (ssize_t done = 0; done < n;) {
    ssize_t written = write(to, text + done, (size_t)(n - done));
    if (written <= 0) return false;
    done += written;
  }
  return true;
}

/* What the next reader of the terminal would be given. */
static void tell_left(int slave) {
  struct termios mode;
  char text[1024];
  tcgetattr(slave, &mode);
  mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  mode.c_cc[VMIN] = 0;
  mode.c_cc[VTIME] = 0;
  tcsetattr(slave, TCSANOW, &mode);
  ssize_t n = read(slave, text, sizeof text - 1);
  if (n <= 0) return;
  text[n] = 0;
  for (char *c = text; *c; c++)
    if (*c < 0x20 || *c > 0x7e) *c = '_';
  printf("\nleft %s\n", text);
  fflush(stdout);
}

/* As the user goes on at the shell that the sandbox was started from. */
static void type(int master, const char *text) {
  struct pollfd wait = {master, POLLIN, 0};
  dprintf(master, "%s\n", text);
  for (int i = 0; i < 50; i++)
    if (poll(&wait, 1, 20) > 0 && !relay(master, 1)) return;
}

int probe_terminal(char **words) {
  const char *typed = strncmp(*words, "--type=", 7) ? NULL : *words++ + 7;
  if (!words[0] || strcmp(words[0], "--") || !words[1]) return 2;
  char **command = words + 1;
  int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  int slave = master < 0 ? -1 : open_slave(master);
  if (slave < 0) return refused();
  fcntl(slave, F_SETFD, FD_CLOEXEC);
  pid_t pid = fork();
  if (pid < 0) return refused();
  if (pid == 0) become(slave, command);
  signal(SIGPIPE, SIG_IGN);
  bool open_input = true;
  int status = 0;
  for (;;) {
    struct pollfd fds[2] = {{open_input ? 0 : -1, POLLIN, 0}, {master, POLLIN, 0}};
    int ready = poll(fds, 2, 20); /* the slave is held open here, so the master never says that it is hung up */
    if (ready > 0 && fds[1].revents && !relay(master, 1)) break;
    if (ready > 0 && fds[0].revents && !relay(0, master)) {
      open_input = false;
      kill(pid, SIGHUP); /* as a terminal emulator does whose window is closed */
    }
    if (ready == 0 && waitpid(pid, &status, WNOHANG) != 0) break;
  }
  if (typed) type(master, typed);
  tell_left(slave);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

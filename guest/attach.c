/* A further command in a virtual machine: runs in the jail, hands its streams over to the monitor and ends as the
 * command does. Its own environment is the command's. */
#include "guest.h"
#include "handover.h"
#include "monitor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

extern char **environ;

static int connect_monitor(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = ATTACH_SOCKET};
  int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
    die("Cannot reach the monitor of the virtual machine: %s.", strerror(errno));
  return fd;
}

static int write_document(const struct wire_command *c, const char *folder, char **arguments, uint32_t *ret_length) {
  unsigned char *document = malloc(WIRE_OPEN_MAX);
  size_t length = document ? command_document(c, folder, arguments, environ, document, WIRE_OPEN_MAX) : 0;
  if (length == 0) die("The command and its environment are longer than %d bytes.", WIRE_OPEN_MAX);
  int fd = memfd_create("command", MFD_CLOEXEC);
  if (fd < 0 || write_all(fd, document, length) < 0) die("Cannot write the command down: %s.", strerror(errno));
  *ret_length = (uint32_t)length;
  free(document);
  return fd;
}

static void pass_on(int signals, int monitor, bool terminal) {
  struct signalfd_siginfo info;
  while (read(signals, &info, sizeof info) == sizeof info) {
    struct attach_event event = {ATTACH_SIGNAL, info.ssi_signo, {0, 0}};
    if (info.ssi_signo == SIGCHLD) continue;
    if (info.ssi_signo == SIGWINCH) {
      if (!terminal) continue;
      event.kind = ATTACH_SIZE;
      event.size = terminal_size(0);
    }
    send(monitor, &event, sizeof event, MSG_NOSIGNAL);
  }
}

int attach_run(char **words) {
  struct wire_command command = {0};
  const char *folder = "/";
  while (words[0] && strcmp(words[0], "--") != 0) {
    char **next = command_option(&command, &folder, words);
    if (!next) die("Unknown word for attach: %s", words[0]);
    words = next;
  }
  if (!words[0] || !words[1]) die("attach takes a command.");
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  int signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  if (command.terminal) command.size = terminal_make_raw(0);
  uint32_t length;
  int document = write_document(&command, folder, words + 1, &length), monitor = connect_monitor();
  if (!handover_send(monitor, length, (const int[]){0, 1, 2, document}))
    die("Cannot hand the command to the monitor: %s.", strerror(errno));
  /* The streams are the monitor's now: who reads ours must see their end when the command ends them. */
  for (int fd = command.terminal ? 1 : 0; fd < 3; fd++) close(fd);
  for (;;) {
    struct pollfd fds[2] = {{monitor, POLLIN, 0}, {signals, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return EXIT_OURS;
    if (fds[1].revents) pass_on(signals, monitor, command.terminal);
    if (!fds[0].revents) continue;
    uint8_t code;
    return recv(monitor, &code, 1, 0) == 1 ? code : EXIT_OURS;
  }
}

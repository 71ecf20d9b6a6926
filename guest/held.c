/* The box's first process, started ahead of knowing its command: what a kept machine holds (qmp.c, serve_launch.c).
 *
 * It waits on its standard input, which is a socket to the server, for the command's three streams and a file with
 * the command (wire.h, struct wire_command and strings), becomes what that says and is its init. */
#include "guest.h"
#include "command.h"
#include "handover.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

extern char **environ;

int held_run(void) {
  static struct command command;
  uint32_t length;
  int fds[HANDOVER_DESCRIPTORS];
  if (!handover_receive(0, &length, fds)) return EXIT_OURS; /* the server is gone, and so is the guest */
  unsigned char *document = malloc(length > 0 ? length : 1);
  if (!document || pread(fds[HANDOVER_DOCUMENT], document, length, 0) != (ssize_t)length || !command_parse(document, length, &command))
    die("The server has sent what is no command.");
  command_enter(command.fixed, command.folder, fds);
  for (int i = 0; i < HANDOVER_DESCRIPTORS; i++) close(fds[i]);
  /* As after execve(2), which comes here before the change of user: its own /proc/PID is the user's. */
  if (command.fixed->uid != 0) prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  environ = command.variables;
  return init_run(command.arguments + COMMAND_FIXED_WORDS);
}

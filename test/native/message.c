/* Test fixture: one half sends its last message and ends, while a message of the other lies unread. Prints what the
 * other then receives: its kind and value, and 0 for the end. */
#include "../../native/holder.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  int pair[2];
  struct message message;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return 99;
  if (message_send(pair[0], MSG_SIGNAL, 15, NULL, 0, NULL, 0) < 0) return 98;
  if (message_send(pair[1], MSG_EXITED, 5, NULL, 0, NULL, 0) < 0) return 97;
  close(pair[1]);
  int result;
  while ((result = message_receive(pair[0], &message)) > 0) printf("%d %d\n", message.kind == MSG_EXITED, message.value);
  printf("%d\n", result);
  return 0;
}

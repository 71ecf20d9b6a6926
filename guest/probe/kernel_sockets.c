/* Families of sockets that applications hardly use, and whose code the kernel loads when somebody asks for them. The host tells
 * them by their protocol's name, which the kernel keeps as an extended attribute of each socket (net/socket.c). */
#include "kernel.h"
#include "probe.h"

#include <sched.h>
#include <sys/socket.h>

/* Words: FAMILY TYPE PROTOCOL, three numbers */
static int make_socket(int argc, char **argv) {
  if (argc < 3) return errno = EINVAL, -1;
  return socket(atoi(argv[0]), atoi(argv[1]) | SOCK_CLOEXEC, atoi(argv[2]));
}

const struct kind socket_kinds[] = {{"socket", make_socket, 0, false},
                                    {"socket-in-own-network", make_socket, CLONE_NEWNET, false},
                                    {NULL, NULL, 0, false}};

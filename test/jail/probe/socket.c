/* Connects to a TCP port, of this box or of whoever listens there. */
#include "probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static int connect_to(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd < 0 ? -1 : connect(fd, (void *)&address, sizeof address);
}

/* A server and a client of the box itself. */
static int own_loopback(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || bind(fd, (void *)&address, sizeof address) < 0 || listen(fd, 1) < 0) return -1;
  if (getsockname(fd, (void *)&address, &length) < 0) return -1;
  return connect_to("127.0.0.1", ntohs(address.sin_port));
}

int probe_socket(int argc, char **argv) {
  if (argc == 3 && !strcmp(argv[0], "connect")) return probe_say(connect_to(argv[1], atoi(argv[2])));
  if (!strcmp(argv[0], "own")) return probe_say(own_loopback());
  return 2;
}

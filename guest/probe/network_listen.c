/* A server in the box that says one text to whoever comes, by TCP and by UDP, over both families. */
#include "network.h"
#include "probe.h"

#include <netinet/in.h>
#include <poll.h>

static int open_listener(int family, int type, int port) {
  int fd = socket(family, type | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) return -1;
  struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
  const struct sockaddr *own = family == AF_INET ? (const struct sockaddr *)&four : (const struct sockaddr *)&six;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind(fd, own, family == AF_INET ? sizeof four : sizeof six) == 0 && (type == SOCK_DGRAM || listen(fd, 8) == 0)) return fd;
  close(fd);
  return -1;
}

static void serve(int fd, bool datagrams, const char *text) {
  struct sockaddr_storage peer;
  socklen_t length = sizeof peer;
  char byte[16];
  if (datagrams) {
    if (recvfrom(fd, byte, sizeof byte, 0, (struct sockaddr *)&peer, &length) < 0) return;
    sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&peer, length);
    return;
  }
  int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
  if (client < 0) return;
  send(client, text, strlen(text), MSG_NOSIGNAL);
  shutdown(client, SHUT_WR);
  /* Closed with something unread it would be reset, and the text lost (RFC 2525, 2.17). */
  struct pollfd rest = {client, POLLIN, 0};
  while (poll(&rest, 1, 200) > 0 && recv(client, byte, sizeof byte, 0) > 0) continue;
  close(client);
}

int net_listen(int argc, char **argv) {
  static const int kinds[4][2] = {
      {AF_INET, SOCK_STREAM}, {AF_INET6, SOCK_STREAM}, {AF_INET, SOCK_DGRAM}, {AF_INET6, SOCK_DGRAM}};
  if (argc != 3) return 2;
  long until = net_clock_ms() + net_read_wait(argv[0]), left;
  struct pollfd fds[5] = {[4] = {0, POLLIN, 0}};
  int open = 0;
  for (int i = 0; i < 4; i++) {
    fds[i] = (struct pollfd){open_listener(kinds[i][0], kinds[i][1], (int)strtol(argv[1], NULL, 10)), POLLIN, 0};
    open += fds[i].fd >= 0;
  }
  if (open == 0) return refused();
  tell("listening");
  while ((left = until - net_clock_ms()) > 0 && poll(fds, 5, (int)left) > 0) {
    char byte;
    for (int i = 0; i < 4; i++)
      if (fds[i].revents) serve(fds[i].fd, kinds[i][1] == SOCK_DGRAM, argv[2]);
    if (fds[4].revents && read(0, &byte, 1) <= 0) break;
  }
  return 0;
}

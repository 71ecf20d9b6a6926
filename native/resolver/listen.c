/* Where boxes ask: UDP and TCP on each address. */
#include "resolver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { AT_ONCE = 64, BACKLOG = 64 };
#ifndef IPV6_FREEBIND
enum { IPV6_FREEBIND = 78 }; /* linux/in6.h */
#endif

static struct { int datagrams, streams; } sockets[MAX_LISTEN];

/* An IPv6 address that was just set is tentative for a second (RFC 4862); freebind lets it be taken at once. */
static int open_one(const struct endpoint *at, int type) {
  const int on = 1;
  bool six = at->family == AF_INET6;
  int fd = socket(at->family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if ((six && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) ||
      setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_FREEBIND : IP_FREEBIND, &on, sizeof on) < 0 ||
      (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) ||
      bind(fd, (const struct sockaddr *)&at->address, at->length) < 0 || (type == SOCK_STREAM && listen(fd, BACKLOG) < 0)) {
    close(fd);
    return -1;
  }
  return fd;
}

bool listen_open(const struct options *options, int epoll_fd) {
  for (size_t i = 0; i < options->listen_count; i++) {
    sockets[i].datagrams = open_one(&options->listen[i], SOCK_DGRAM);
    sockets[i].streams = sockets[i].datagrams < 0 ? -1 : open_one(&options->listen[i], SOCK_STREAM);
    if (sockets[i].streams < 0) {
      fprintf(stderr, "glovebox-resolver: cannot listen on address %zu of the command line, port %u: %s\n", i + 1, options->port, strerror(errno));
      return false;
    }
    if (!loop_watch(epoll_fd, sockets[i].datagrams, EPOLLIN, loop_tag(EVENT_DATAGRAMS, 0, i), false) ||
        !loop_watch(epoll_fd, sockets[i].streams, EPOLLIN, loop_tag(EVENT_ACCEPT, 0, i), false))
      return false;
  }
  return true;
}

int listen_fd(size_t index, bool stream) { return stream ? sockets[index].streams : sockets[index].datagrams; }

void listen_datagrams(size_t index, int64_t now_ms) {
  static uint8_t message[QUERY_MAX + 1];
  for (int i = 0; i < AT_ONCE; i++) {
    struct route route = {.index = (uint16_t)index, .peer_length = sizeof route.peer};
    ssize_t got = recvfrom(sockets[index].datagrams, message, sizeof message, MSG_DONTWAIT, (struct sockaddr *)&route.peer, &route.peer_length);
    if (got < 0) return;
    if (got <= QUERY_MAX) resolve_query(message, (size_t)got, &route, now_ms);
  }
}

/* An answer that cannot go out is lost, as datagrams are. */
void listen_send(const struct route *route, const uint8_t *message, size_t length) {
  if (route->stream) client_send(route, message, length);
  else sendto(sockets[route->index].datagrams, message, length, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&route->peer, route->peer_length);
}

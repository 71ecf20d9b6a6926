/* price-serve ADDRESS: the other end of network.c's workloads.
 *
 * Listens by TCP on a port of the kernel's choice, tells `port N`, and serves until its standard input ends. The first byte of a
 * connection says what it is:
 *
 *   e   every byte comes back
 *   s   each PRICE_BLOCK bytes are answered by their sum, 8 bytes, the lowest first
 *   o   the next byte comes back, and then this side's end; what else comes is read and dropped
 *
 * until the client ends it. One process, no more than MOST_PEERS connections at once (others wait in the kernel's queue), a bounded
 * answer for each, and nothing is read from one that does not take its answer. What is refused or broken ends alone. */
#include "price.h"

#include "../probe/network.h"

#include <endian.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

enum { MOST_PEERS = 64, MOST_ANSWER = 4096, CHUNK = 64 << 10, BREATH_MS = 10, OVER = 1 };

struct peer {
  int fd;      /* < 0: this slot is free */
  char kind;   /* 0: not yet said; OVER: its one byte is answered */
  size_t left; /* bytes to the end of a block */
  uint64_t sum;
  size_t at, length; /* of the answer that is under way */
  unsigned char answer[MOST_ANSWER];
};

static struct peer peers[MOST_PEERS];

static void end(struct peer *peer) {
  close(peer->fd);
  peer->fd = -1;
}

/* Returns false where the connection is broken. */
static bool speak(struct peer *peer) {
  while (peer->at < peer->length) {
    ssize_t n = send(peer->fd, peer->answer + peer->at, peer->length - peer->at, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    peer->at += (size_t)n;
  }
  peer->at = peer->length = 0;
  return peer->kind != OVER || shutdown(peer->fd, SHUT_WR) == 0;
}

static void answer(struct peer *peer, const void *bytes, size_t length) {
  memcpy(peer->answer + peer->length, bytes, length);
  peer->length += length;
}

/* Of no more than one block's end, as CHUNK is less than a block. */
static void add(struct peer *peer, const unsigned char *bytes, size_t length) {
  size_t now = length < peer->left ? length : peer->left;
  peer->sum += price_sum(bytes, now);
  peer->left -= now;
  if (peer->left > 0) return;
  uint64_t sum = htole64(peer->sum);
  answer(peer, &sum, sizeof sum);
  peer->sum = price_sum(bytes + now, length - now);
  peer->left = PRICE_BLOCK - (length - now);
}

/* Returns false at the end of the connection. */
static bool hear(struct peer *peer) {
  static unsigned char bytes[CHUNK];
  size_t from = 0;
  ssize_t n = recv(peer->fd, bytes, peer->kind == 's' ? CHUNK : MOST_ANSWER, 0);
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  if (n == 0) return false;
  if (!peer->kind) peer->kind = (char)bytes[from++];
  size_t length = (size_t)n - from;
  switch (peer->kind) {
    case 'e': answer(peer, bytes + from, length); break;
    case 's': add(peer, bytes + from, length); break;
    case OVER: return true; /* it has had its byte */
    case 'o':
      if (length == 0) return true;
      answer(peer, bytes + from, 1);
      peer->kind = OVER;
      break;
    default: return false;
  }
  return peer->length == 0 || speak(peer);
}

static void welcome(int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK), on = 1;
  if (fd < 0) {
    /* Without a descriptor or memory it would be asked again at once; what else goes wrong is of that client alone (accept(2)). */
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) poll(NULL, 0, BREATH_MS);
    return;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  for (struct peer *peer = peers; peer < peers + MOST_PEERS; peer++)
    if (peer->fd < 0) {
      *peer = (struct peer){.fd = fd, .left = PRICE_BLOCK};
      return;
    }
  close(fd);
}

static void serve(int listener) {
  struct pollfd fds[2 + MOST_PEERS];
  char rest[64];
  for (;;) {
    bool room = false;
    for (int i = 0; i < MOST_PEERS; i++) {
      fds[2 + i] = (struct pollfd){peers[i].fd, peers[i].length > 0 ? POLLOUT : POLLIN, 0};
      room = room || peers[i].fd < 0;
    }
    fds[0] = (struct pollfd){0, POLLIN, 0};
    fds[1] = (struct pollfd){room ? listener : -1, POLLIN, 0};
    if (poll(fds, 2 + MOST_PEERS, -1) < 0 && errno != EINTR) return;
    if (fds[0].revents && read(0, rest, sizeof rest) <= 0) return;
    for (int i = 0; i < MOST_PEERS; i++)
      if (fds[2 + i].revents && !(peers[i].length > 0 ? speak(&peers[i]) : hear(&peers[i]))) end(&peers[i]);
    if (fds[1].revents) welcome(listener);
  }
}

static int port_of(const struct sockaddr_storage *address) {
  return ntohs(address->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                              : ((const struct sockaddr_in *)address)->sin_port);
}

int price_serve(int argc, char **argv) {
  struct target own;
  if (argc != 1 || !net_read_address(argv[0], "0", &own)) return 2;
  int listener = socket(own.to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&own.to, own.length) < 0 || listen(listener, MOST_PEERS) < 0 ||
      getsockname(listener, (struct sockaddr *)&own.to, &own.length) < 0)
    return refused();
  for (struct peer *peer = peers; peer < peers + MOST_PEERS; peer++) peer->fd = -1;
  tell("port %d", port_of(&own.to));
  serve(listener);
  return 0;
}

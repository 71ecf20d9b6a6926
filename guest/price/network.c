/* TCP to a server that network_serve.c is: price-VERB MILLISECONDS ADDRESS PORT, where the address is a number.
 *
 * A server that does not answer is waited for MOST_WAIT_S behind the time that was asked for, by alarm(2): SO_SNDTIMEO bounds
 * connect(2) in Linux but not in every other kernel, and costs each connection a call. A connection that is made to be ended is ended
 * by the server first: the state that has to outlive a connection (TIME-WAIT, RFC 9293, 3.3.2) is then the server's, and a client that
 * makes thousands does not run out of ports. Both sides read the other's end before they close, so that nothing unread turns a close
 * into a reset. */
#include "price.h"

#include "../probe/network.h"

#include <endian.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>

enum { MOST_WAIT_S = 5, TRIPS = 100, CONNECTIONS = 10, MOST_AGAIN = 3, PATIENCE_MS = 1000, CHUNK = 64 << 10 };

static int connect_to(const struct target *server) {
  int fd = socket(server->to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) return -1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, (const struct sockaddr *)&server->to, server->length) == 0) return fd;
  int why = errno;
  close(fd);
  errno = why;
  return -1;
}

/* Written before, as a signal's handler may not (signal-safety(7)). */
static char late[80];

static void give_up(int signal) {
  (void)signal;
  _exit(write(1, late, strlen(late)) < 0 ? 2 : 1);
}

static bool read_words(int argc, char **argv, struct target *ret_server) {
  if (argc != 3 || !net_read_address(argv[1], argv[2], ret_server)) return false;
  snprintf(late, sizeof late, "errno %d %s\n", ETIMEDOUT, strerror(ETIMEDOUT));
  signal(SIGPIPE, SIG_IGN); /* a server that has ended is told as errno */
  signal(SIGALRM, give_up);
  alarm((unsigned)(net_read_wait(argv[0]) / 1000 + MOST_WAIT_S));
  return true;
}

/* One connection for all batches, of the kind that its first byte says. */
static int run_over_one(int argc, char **argv, char kind, batch_function *batch) {
  struct target server;
  if (!read_words(argc, argv, &server)) return 2;
  int fd = connect_to(&server);
  if (fd < 0) return refused();
  int code = price_write_whole(fd, &kind, 1) ? price_run(argv[0], batch, &fd) : refused();
  shutdown(fd, SHUT_WR);
  if (code == 0) price_read_whole(fd, &kind, 1); /* the server's end */
  close(fd);
  return code;
}

static int64_t trips(void *own) {
  int fd = *(const int *)own;
  int64_t sum = 0;
  for (int i = 1; i <= TRIPS; i++) {
    unsigned char byte = (unsigned char)i;
    if (!price_write_whole(fd, &byte, 1) || !price_read_whole(fd, &byte, 1)) return -1;
    sum += byte;
  }
  return sum;
}

static int run_latency(int argc, char **argv) { return run_over_one(argc, argv, 'e', trips); }

static unsigned char chunk[CHUNK];

static int64_t blocks(void *own) {
  int fd = *(const int *)own;
  uint64_t sum;
  for (size_t done = 0; done < PRICE_BLOCK; done += CHUNK)
    if (!price_write_whole(fd, chunk, CHUNK)) return -1;
  return price_read_whole(fd, &sum, sizeof sum) ? price_check(le64toh(sum)) : -1;
}

static int run_throughput(int argc, char **argv) {
  price_fill(chunk, CHUNK, 5);
  return run_over_one(argc, argv, 's', blocks);
}

/* The byte and the server's end, or < 0. */
static int once(int fd, unsigned char byte) {
  unsigned char text[2] = {'o', byte};
  if (!price_write_whole(fd, text, sizeof text) || !price_read_whole(fd, &byte, 1)) return -1;
  if (price_read_whole(fd, text, 1)) errno = EPROTO; /* more than was sent */
  else if (errno == EPIPE) return byte;
  return -1;
}

/* A connection that waits no longer than PATIENCE_MS for its other side. SO_SNDTIMEO does not end connect(2) in every kernel. */
static int connect_soon(const struct target *server) {
  struct timeval patience = {PATIENCE_MS / 1000, 0};
  int fd = socket(server->to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), why = 0;
  socklen_t length = sizeof why;
  if (fd < 0) return -1;
  if (connect(fd, (const struct sockaddr *)&server->to, server->length) < 0) why = errno;
  if (why == EINPROGRESS) {
    struct pollfd open = {fd, POLLOUT, 0};
    if (poll(&open, 1, PATIENCE_MS) < 1) why = ETIMEDOUT;
    else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &length) < 0) why = errno;
  }
  if (why == 0 && fcntl(fd, F_SETFL, 0) == 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0)
    return fd;
  close(fd);
  errno = why == 0 ? errno : why;
  return -1;
}

static bool is_lost(int why) { return why == ECONNRESET || why == ETIMEDOUT; }

/* One that is reset or hears nothing is made again, as a program would, and its time counts: what carries the connections of a box does
 * not know at once that a port is free again, so of thousands that are made in a row one or another meets such a port. */
static int connection(void *own, unsigned char byte) {
  for (int again = 0;; again++) {
    int fd = connect_soon(own), got = fd < 0 ? -1 : once(fd, byte), why = errno == EAGAIN ? ETIMEDOUT : errno; /* SO_RCVTIMEO, socket(7) */
    if (fd >= 0) close(fd);
    errno = why;
    if (got >= 0 || !is_lost(why) || again == MOST_AGAIN) return got;
  }
}

static int64_t connections(void *own) {
  int64_t sum = 0;
  for (int i = 1; i <= CONNECTIONS; i++) {
    int byte = connection(own, (unsigned char)i);
    if (byte < 0) return -1;
    sum += byte;
  }
  return sum;
}

static int run_connections(int argc, char **argv) {
  struct target server;
  return read_words(argc, argv, &server) ? price_run(argv[0], connections, &server) : 2;
}

const struct verb price_network_verbs[] = {{"price-latency", run_latency},
                                           {"price-throughput", run_throughput},
                                           {"price-connections", run_connections},
                                           {"price-serve", price_serve},
                                           {NULL, NULL}};

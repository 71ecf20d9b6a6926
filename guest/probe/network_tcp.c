/* Connections: all at once, each bounded by the same clock. What is said is sent when a connection stands; whoever answers is read
 * until it ends. A first answer ends the own half, so that servers which send back what they get end theirs. */
#include "network.h"
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

struct line {
  int fd; /* -1: over */
  bool stands, said;
  size_t length;
  unsigned char text[512];
};

static void begin(struct line *line, const struct target *target) {
  *line = (struct line){.fd = socket(target->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (line->fd < 0) return net_tell_refused(target);
  if (connect(line->fd, (const struct sockaddr *)&target->to, target->length) == 0 || errno == EINPROGRESS) return;
  net_tell_refused(target);
  close(line->fd);
  line->fd = -1;
}

static void end(struct line *line, const struct target *target, const char *how) {
  char from[128];
  snprintf(from, sizeof from, "%s %s %s", target->address, target->port, how);
  net_tell_bytes(from, line->text, line->length);
  close(line->fd);
  line->fd = -1;
}

static void stand(struct line *line, const struct target *target, const unsigned char *bytes, int length) {
  int why = 0;
  socklen_t size = sizeof why;
  getsockopt(line->fd, SOL_SOCKET, SO_ERROR, &why, &size);
  if (why == 0 && send(line->fd, bytes, (size_t)length, MSG_NOSIGNAL) == length) {
    line->stands = true;
    return;
  }
  if (why != 0) errno = why;
  end(line, target, strerror(errno));
}

static void hear(struct line *line, const struct target *target) {
  unsigned char rest[512];
  size_t room = sizeof line->text - line->length;
  ssize_t n = room > 0 ? recv(line->fd, line->text + line->length, room, 0) : recv(line->fd, rest, sizeof rest, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return end(line, target, n < 0 ? strerror(errno) : "answered");
  if (room > 0) line->length += (size_t)n;
  if (!line->said) shutdown(line->fd, SHUT_WR);
  line->said = true;
}

int net_tcp(int argc, char **argv) {
  static struct target targets[MOST_TARGETS];
  static struct line lines[MOST_TARGETS];
  unsigned char bytes[MOST_BYTES];
  int length = argc < 4 ? -1 : net_read_hex(argv[1], bytes);
  if (length < 0) return 2;
  long until = net_clock_ms() + net_read_wait(argv[0]);
  int count = net_read_targets(argc - 2, argv + 2, targets);
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < count; i++) begin(&lines[i], &targets[i]);
  for (;;) {
    struct pollfd fds[MOST_TARGETS];
    long left = until - net_clock_ms();
    int open = 0;
    for (int i = 0; i < count; i++) {
      fds[i] = (struct pollfd){lines[i].fd, lines[i].stands ? POLLIN : POLLOUT, 0};
      open += lines[i].fd >= 0;
    }
    if (open == 0 || left <= 0) break;
    if (poll(fds, (nfds_t)count, (int)left) < 0 && errno != EINTR) return refused();
    for (int i = 0; i < count; i++) {
      if (lines[i].fd < 0 || !fds[i].revents) continue;
      if (lines[i].stands) hear(&lines[i], &targets[i]);
      else stand(&lines[i], &targets[i], bytes, length);
    }
  }
  for (int i = 0; i < count; i++)
    if (lines[i].fd >= 0) end(&lines[i], &targets[i], lines[i].stands ? "connected" : "no answer in time");
  return 0;
}

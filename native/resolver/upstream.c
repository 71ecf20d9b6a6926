/* Questions upstream. Each goes from a socket of its own: a random port, connected, so that only the one who was asked can answer;
 * with a random id and random capitals (draft-vixie-dnsext-dns0x20), which the reply must bring back. Two datagrams, then TCP,
 * then no answer. Who asks what is being asked already is put with the others. */
#include "flight.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATAGRAMS = 2, ATTEMPTS = 4, MAX_FOREIGN = 8, PORT_TRIES = 8, FIRST_PORT = 10000 };
static const int64_t patience_ms[ATTEMPTS] = {1000, 2000, 3000, 3000};

static struct flight flights[MAX_FLIGHTS];
static size_t flying;
static int epoll_fd;
static const struct options *options;

void upstream_open(int epoll, const struct options *given) {
  epoll_fd = epoll;
  options = given;
}

size_t upstream_count(void) { return flying; }

static void land(struct flight *f) {
  if (f->fd >= 0) close(f->fd);
  f->fd = -1;
  stream_return(f->stream);
  f->stream = NULL;
}

static void finish(struct flight *f, enum reply_result result, const struct body *body, int64_t now_ms) {
  land(f);
  f->used = false;
  flying--;
  resolve_finish(f->askers, f->asker_count, &f->name, f->question.type, result, body, f->started_ms, now_ms);
}

static void randomise(struct flight *f) {
  f->question.id = (uint16_t)random_number();
  f->question.name = f->name;
  uint32_t bits = 0;
  for (size_t i = 0; i < f->name.length; i++) {
    if (i % 32 == 0) bits = random_number();
    uint8_t c = f->name.bytes[i];
    if (c >= 'a' && c <= 'z' && bits >> i % 32 & 1) f->question.name.bytes[i] = (uint8_t)(c - 32);
  }
}

/* Ports of the kernel's choosing come from a range that is half as large. */
static bool bind_anywhere(int fd, const struct endpoint *to) {
  struct sockaddr_in6 from = {.sin6_family = (sa_family_t)to->family};
  for (int i = 0; i < PORT_TRIES; i++) {
    from.sin6_port = htons((uint16_t)(FIRST_PORT + random_number() % (UINT16_MAX - FIRST_PORT)));
    if (bind(fd, (struct sockaddr *)&from, to->length) == 0) return true;
    if (errno != EADDRINUSE) return false;
  }
  return true; /* a crowded place: the kernel finds one */
}

/* Unmarked questions would not pass the firewall, or worse, pass as the box's. */
static bool open_socket(struct flight *f, const struct endpoint *to, bool datagram) {
  f->fd = socket(to->family, (datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (f->fd < 0) return false;
  if (options->mark && setsockopt(f->fd, SOL_SOCKET, SO_MARK, &options->mark, sizeof options->mark) < 0) return false;
  if (datagram && !bind_anywhere(f->fd, to)) return false;
  return connect(f->fd, (const struct sockaddr *)&to->address, to->length) == 0 || errno == EINPROGRESS;
}

static bool start(struct flight *f, int64_t now_ms) {
  bool datagram = f->attempt < DATAGRAMS;
  const struct endpoint *to = &options->upstream[f->attempt % options->upstream_count];
  uint8_t question[QUERY_MAX];
  land(f);
  randomise(f);
  f->question.exact_case = datagram;
  f->generation++;
  f->ends_ms = now_ms + patience_ms[f->attempt];
  if (!open_socket(f, to, datagram)) return false;
  if (!datagram && !(f->stream = stream_take(&f->question))) return false;
  uint64_t tag = loop_tag(EVENT_UPSTREAM, f->generation, (size_t)(f - flights));
  if (!loop_watch(epoll_fd, f->fd, datagram ? EPOLLIN : EPOLLIN | EPOLLOUT, tag, false)) return false;
  if (!datagram) return true;
  size_t length = question_write(&f->question, question);
  return send(f->fd, question, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static void try_next(struct flight *f, unsigned attempt, int64_t now_ms) {
  for (f->attempt = attempt; f->attempt < ATTEMPTS; f->attempt++)
    if (start(f, now_ms)) return;
  finish(f, REPLY_FAILED, NULL, now_ms);
}

static struct flight *join(const struct query *query) {
  for (size_t i = 0; i < MAX_FLIGHTS; i++) {
    struct flight *f = &flights[i];
    if (f->used && f->question.type == query->type && f->name.length == query->name.length &&
        memcmp(f->name.bytes, query->name.bytes, f->name.length) == 0)
      return f;
  }
  return NULL;
}

static bool same_asker(const struct asker *a, const struct asker *b) {
  return a->id == b->id && !a->route.stream && !b->route.stream && a->route.index == b->route.index &&
         memcmp(&a->route.peer, &b->route.peer, sizeof a->route.peer) == 0;
}

/* False where there is no room: it is not answered then, and asked again by who wants it. */
bool upstream_ask(const struct query *query, int64_t now_ms) {
  struct flight *f = flying ? join(query) : NULL;
  if (f) {
    for (size_t i = 0; i < f->asker_count; i++)
      if (same_asker(&f->askers[i], &query->asker)) return true;
    if (f->asker_count == MAX_WAITERS) return false;
    f->askers[f->asker_count++] = query->asker;
    return true;
  }
  for (size_t i = 0; i < MAX_FLIGHTS && !f; i++)
    if (!flights[i].used) f = &flights[i];
  if (!f) return false;
  uint32_t generation = f->generation;
  *f = (struct flight){.used = true, .fd = -1, .generation = generation, .started_ms = now_ms, .name = query->name, .asker_count = 1};
  f->question.type = query->type;
  f->askers[0] = query->asker;
  flying++;
  try_next(f, 0, now_ms);
  return true;
}

static void judge(struct flight *f, const uint8_t *message, size_t length, int64_t now_ms) {
  static struct body body;
  enum reply_result result = reply_read(message, length, &f->question, resolve_policy(), &body);
  bool datagram = f->stream == NULL;
  if (result == REPLY_FOREIGN && datagram) {
    /* Someone guesses: over TCP there is nothing to guess. */
    if (++f->foreign >= MAX_FOREIGN) try_next(f, DATAGRAMS, now_ms);
  } else if (result == REPLY_TRUNCATED && datagram) try_next(f, DATAGRAMS, now_ms);
  else if (result == REPLY_FAILED && datagram && f->attempt + 1 < options->upstream_count) try_next(f, f->attempt + 1, now_ms);
  else if (result == REPLY_FOREIGN || result == REPLY_TRUNCATED) finish(f, REPLY_FAILED, NULL, now_ms);
  else finish(f, result, &body, now_ms);
}

static void read_datagrams(struct flight *f, int64_t now_ms) {
  static uint8_t message[REPLY_MAX];
  uint32_t generation = f->generation;
  for (int i = 0; i < MAX_FOREIGN && f->used && f->generation == generation; i++) {
    ssize_t got = recv(f->fd, message, sizeof message, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) return try_next(f, f->attempt + 1, now_ms); /* nobody listens there */
    judge(f, message, (size_t)got, now_ms);
  }
}

void upstream_event(size_t index, uint32_t generation, uint32_t events, int64_t now_ms) {
  if (index >= MAX_FLIGHTS || !flights[index].used || (flights[index].generation & 0xffffff) != generation) return;
  struct flight *f = &flights[index];
  if (!f->stream) return read_datagrams(f, now_ms);
  enum stream_state state = stream_move(f->stream, f->fd, events);
  if (state == STREAM_BROKEN) try_next(f, f->attempt + 1, now_ms);
  else if (state == STREAM_WHOLE) judge(f, f->stream->bytes + 2, f->stream->have - 2, now_ms);
  else if (f->stream->sent == f->stream->length) loop_watch(epoll_fd, f->fd, EPOLLIN, loop_tag(EVENT_UPSTREAM, f->generation, index), true);
}

void upstream_tick(int64_t now_ms) {
  for (size_t i = 0; i < MAX_FLIGHTS && flying; i++)
    if (flights[i].used && flights[i].ends_ms <= now_ms) try_next(&flights[i], flights[i].attempt + 1, now_ms);
}

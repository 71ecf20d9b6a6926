/* A question over TCP (RFC 7766): for replies that are too long for a datagram, and where datagrams stay without an answer. */
#include "flight.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static struct stream streams[MAX_STREAMS];

/* With the size that we take and nothing else: no subnet of the asker, no cookie. */
size_t question_write(const struct question *question, uint8_t *ret) {
  static const uint8_t opt[11] = {0, 0, TYPE_OPT, UDP_ANSWER_MAX >> 8, UDP_ANSWER_MAX & 0xff};
  static const uint8_t header[12] = {0, 0, 1 /* RD */, 0, 0, 1, 0, 0, 0, 0, 0, 1};
  size_t at = sizeof header + question->name.length;
  memcpy(ret, header, sizeof header);
  put16(ret, question->id);
  memcpy(ret + sizeof header, question->name.bytes, question->name.length);
  put16(ret + at, question->type);
  put16(ret + at + 2, 1);
  memcpy(ret + at + 4, opt, sizeof opt);
  return at + 4 + sizeof opt;
}

struct stream *stream_take(const struct question *question) {
  for (size_t i = 0; i < MAX_STREAMS; i++) {
    struct stream *s = &streams[i];
    if (s->used) continue;
    s->used = true;
    s->sent = s->have = 0;
    s->length = 2 + question_write(question, s->bytes + 2);
    put16(s->bytes, (uint32_t)(s->length - 2));
    return s;
  }
  return NULL;
}

void stream_return(struct stream *stream) {
  if (stream) stream->used = false;
}

enum stream_state stream_move(struct stream *s, int fd, uint32_t events) {
  if (s->sent < s->length) {
    if (events & (EPOLLERR | EPOLLHUP)) return STREAM_BROKEN;
    ssize_t sent = send(fd, s->bytes + s->sent, s->length - s->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN || errno == EINTR ? STREAM_GOES_ON : STREAM_BROKEN;
    s->sent += (size_t)sent;
    return STREAM_GOES_ON;
  }
  for (;;) {
    size_t want = s->have < 2 ? 2 : 2 + (size_t)get16(s->bytes);
    if (want > sizeof s->bytes) return STREAM_BROKEN;
    if (s->have > 2 && s->have == want) return STREAM_WHOLE;
    if (s->have == want) return STREAM_BROKEN; /* a reply of no bytes: the length alone was read */
    ssize_t got = recv(fd, s->bytes + s->have, want - s->have, MSG_DONTWAIT);
    if (got < 0) return errno == EAGAIN || errno == EINTR ? STREAM_GOES_ON : STREAM_BROKEN;
    if (got == 0) return STREAM_BROKEN;
    s->have += (size_t)got;
  }
}

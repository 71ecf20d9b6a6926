/* One stream of a command: between a descriptor, that never blocks, and the wire. */
#include "wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool source_wanted(const struct source *s, const struct wire *w) {
  return s->fd >= 0 && s->credit > 0 && wire_has_room(w);
}

bool source_credit(struct source *source, const unsigned char *payload, size_t length) {
  uint32_t more;
  if (length != sizeof more) return false;
  memcpy(&more, payload, sizeof more);
  if (more > WIRE_WINDOW - source->credit) return false;
  source->credit += more;
  return true;
}

bool source_pump(struct source *s, struct wire *w, uint16_t session) {
  unsigned char bytes[WIRE_PAYLOAD_MAX];
  if (!source_wanted(s, w)) return false;
  ssize_t n = read(s->fd, bytes, s->credit < sizeof bytes ? s->credit : sizeof bytes);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n <= 0) { /* the end; EIO is that of a terminal */
    close(s->fd);
    s->fd = -1;
    wire_send(w, session, WIRE_EOF, s->stream, NULL, 0);
    return false;
  }
  s->credit -= (uint32_t)n;
  wire_send(w, session, WIRE_DATA, s->stream, bytes, (size_t)n);
  return true;
}

bool sink_take(struct sink *s, const unsigned char *bytes, size_t length) {
  if (s->ended) return false;
  if (s->fd < 0) { /* nobody reads: consumed at once */
    s->owed += (uint32_t)length;
    return true;
  }
  if (!s->ring.bytes) {
    s->ring.size = WIRE_WINDOW;
    if (!(s->ring.bytes = malloc(WIRE_WINDOW))) return false;
  }
  if (ring_free(&s->ring) < length) return false;
  ring_put(&s->ring, bytes, length);
  return true;
}

void sink_pump(struct sink *s, struct wire *w, uint16_t session) {
  while (s->fd >= 0 && ring_used(&s->ring) > 0) {
    unsigned char *at;
    size_t length = ring_front(&s->ring, &at);
    ssize_t n = write(s->fd, at, length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) break;
    if (n < 0) { /* the reader has gone: the rest is consumed by nobody */
      close(s->fd);
      s->fd = -1;
      n = (ssize_t)ring_used(&s->ring);
    }
    s->ring.head += (size_t)n;
    s->owed += (uint32_t)n;
  }
  if (s->ended && s->fd >= 0 && ring_used(&s->ring) == 0) {
    close(s->fd);
    s->fd = -1;
  }
  if (s->owed >= WIRE_WINDOW / 4 && !s->ended && wire_send(w, session, WIRE_CREDIT, s->stream, &s->owed, sizeof s->owed)) s->owed = 0;
}

void sink_free(struct sink *s) {
  if (s->fd >= 0) close(s->fd);
  s->fd = -1;
  free(s->ring.bytes);
  s->ring = (struct ring){0};
}

/* Frames and their bounds. Knows no descriptor, so that a fuzzer can drive it (test/guest/fuzz_wire.c). */
#include "wire.h"

#include <string.h>

void ring_put(struct ring *r, const void *bytes, size_t length) {
  size_t at = r->tail & (r->size - 1);
  size_t first = length < r->size - at ? length : r->size - at;
  memcpy(r->bytes + at, bytes, first);
  memcpy(r->bytes, (const unsigned char *)bytes + first, length - first);
  r->tail += length;
}

size_t ring_front(const struct ring *r, unsigned char **ret_at) {
  size_t at = r->head & (r->size - 1), used = ring_used(r);
  *ret_at = r->bytes + at;
  return used < r->size - at ? used : r->size - at;
}

bool wire_send(struct wire *w, uint16_t session, enum wire_kind kind, uint8_t stream, const void *payload, size_t length) {
  struct wire_header header = {(uint32_t)length, session, (uint8_t)kind, stream};
  if (length > WIRE_PAYLOAD_MAX || ring_free(&w->out) < sizeof header + length) return false;
  ring_put(&w->out, &header, sizeof header);
  ring_put(&w->out, payload, length);
  return true;
}

bool wire_feed(struct wire *w, const unsigned char *bytes, size_t length, wire_handler *handle, void *context) {
  struct wire_header header;
  while (length > 0) {
    size_t want = sizeof header;
    if (w->have >= sizeof header) {
      memcpy(&header, w->in, sizeof header);
      want += header.length;
    }
    size_t part = want - w->have < length ? want - w->have : length;
    memcpy(w->in + w->have, bytes, part);
    w->have += part;
    bytes += part;
    length -= part;
    if (w->have < sizeof header) return true;
    memcpy(&header, w->in, sizeof header);
    if (header.length > WIRE_PAYLOAD_MAX || header.session > WIRE_SESSIONS || header.stream > 2) return false;
    if (w->have < sizeof header + header.length) continue;
    w->have = 0;
    if (!handle(context, &header, w->in + sizeof header)) return false;
  }
  return true;
}

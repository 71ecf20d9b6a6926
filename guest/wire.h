/* The wire between the monitor, outside of a guest, and the server within it: one byte stream with many sessions.
 *
 * Theory of operation
 *
 * A frame is a header of 8 bytes and at most WIRE_PAYLOAD_MAX bytes. Each command is a session with up to three
 * streams, named by their descriptor: 0 flows into the guest, 1 and 2 out of it. A stream has a window: its sender
 * may have WIRE_WINDOW bytes under way and gets credit as they are consumed, so that one command whose output nobody
 * reads stalls itself and no other, and no side ever holds more than a window for a stream.
 *
 * The peer is hostile for the monitor: a frame that breaks a rule ends the virtual machine, it is never repaired.
 * Both ends run on one machine, so numbers are in its own byte order.
 */
#ifndef GLOVEBOX_WIRE_H
#define GLOVEBOX_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  WIRE_VERSION = 1,
  WIRE_PAYLOAD_MAX = 16384,
  WIRE_WINDOW = 65536,
  WIRE_SESSIONS = 64,
  WIRE_OPEN_MAX = 256 << 10, /* the arguments and environment of a command; Linux allows 128 KiB a word */
};

enum wire_kind {
  WIRE_READY = 1, /* guest: the server listens; payload: its version (uint32_t) */
  WIRE_SETUP,     /* monitor: what this guest is (strings in pairs, each ended by NUL), once */
  WIRE_OPEN,      /* monitor: a command (struct wire_command and strings); stream 1: more of it follows */
  WIRE_DATA,
  WIRE_EOF,
  WIRE_CREDIT,    /* payload: bytes consumed (uint32_t) */
  WIRE_SIGNAL,    /* monitor: payload: its number (uint8_t) */
  WIRE_SIZE,      /* monitor: of the terminal; payload: struct wire_size */
  WIRE_KEEP,      /* monitor: the guest is about to be kept; payload: as WIRE_SETUP, of a likely box; answer: WIRE_READY */
  WIRE_EXIT,      /* guest: nothing follows in this session; payload: exit code (uint8_t) */
};

struct wire_header {
  uint32_t length; /* of the payload */
  uint16_t session;
  uint8_t kind, stream;
};
struct wire_size { uint16_t rows, columns; };

/* What the server itself hands out instead of running a command (serve_read.c). */
enum wire_read { WIRE_READ_NOTHING, WIRE_READ_LIST, WIRE_READ_LAYER, WIRE_READ_HOME,
                 WIRE_READ_LAST = WIRE_READ_HOME };

/* Followed by strings, each ended by NUL: the working folder, the arguments, the environment. */
struct wire_command {
  uint32_t uid, gid, group_count, groups[32];
  uint32_t processes, open_files; /* resource limits; 0 for none */
  uint32_t argument_count, variable_count;
  struct wire_size size;
  uint8_t terminal, first; /* the first command is the box: it ends with it */
  uint8_t read;            /* enum wire_read; the arguments mean nothing then */
  uint8_t pad;
};

/* A ring of bytes; `size` is a power of two. */
struct ring {
  unsigned char *bytes;
  size_t size, head, tail; /* head: where to read next; both only grow */
};
static inline size_t ring_used(const struct ring *r) { return r->tail - r->head; }
static inline size_t ring_free(const struct ring *r) { return r->size - ring_used(r); }
void ring_put(struct ring *r, const void *bytes, size_t length);
/* The first run of bytes that lie together. */
size_t ring_front(const struct ring *r, unsigned char **ret_at);

/* What is on its way to the peer. Senders of data leave the last WIRE_RESERVE bytes to frames that must not wait. */
enum { WIRE_OUT = 256 << 10, WIRE_RESERVE = 64 << 10 };

struct wire {
  struct ring out;
  unsigned char in[sizeof(struct wire_header) + WIRE_PAYLOAD_MAX];
  size_t have;
};

static inline bool wire_has_room(const struct wire *w) {
  return ring_free(&w->out) >= WIRE_RESERVE + sizeof(struct wire_header) + WIRE_PAYLOAD_MAX;
}
/* False where there is no room at all: a peer that does not read. */
bool wire_send(struct wire *w, uint16_t session, enum wire_kind kind, uint8_t stream, const void *payload, size_t length);

/* Takes bytes that came, and hands on each whole frame; false when the peer broke a rule. */
typedef bool wire_handler(void *context, const struct wire_header *header, const unsigned char *payload);
bool wire_feed(struct wire *w, const unsigned char *bytes, size_t length, wire_handler *handle, void *context);

/* stream.c: one stream from a descriptor to the wire, */
struct source {
  int fd; /* -1: closed */
  uint8_t stream;
  uint32_t credit;
};
bool source_wanted(const struct source *s, const struct wire *w); /* poll it for reading */
/* Reads once and sends; at the end of the file sends that and closes. True if bytes were there. */
bool source_pump(struct source *s, struct wire *w, uint16_t session);
/* Takes the payload of WIRE_CREDIT; false for one that the peer may not give. */
bool source_credit(struct source *s, const unsigned char *payload, size_t length);

/* and one from the wire to a descriptor. */
struct sink {
  int fd;
  uint8_t stream;
  bool ended; /* the peer has said so: the descriptor closes behind the last byte */
  uint32_t owed;
  struct ring ring;
};
bool sink_take(struct sink *s, const unsigned char *bytes, size_t length); /* false: more than its credit */
void sink_pump(struct sink *s, struct wire *w, uint16_t session);
void sink_free(struct sink *s);

#endif

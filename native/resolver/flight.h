/* A question on its way to an upstream, for one or several who asked it. */
#ifndef GLOVEBOX_FLIGHT_H
#define GLOVEBOX_FLIGHT_H
#include "resolver.h"

struct stream { bool used; size_t length, sent, have; uint8_t bytes[2 + REPLY_MAX]; };
struct flight {
  bool used;
  int fd;
  uint32_t generation;
  unsigned attempt, foreign; /* how many replies were none to this question */
  struct stream *stream;     /* over TCP */
  struct question question;
  struct name name; /* in lower case */
  struct asker askers[MAX_WAITERS];
  size_t asker_count;
  int64_t started_ms, ends_ms;
};
enum stream_state { STREAM_GOES_ON, STREAM_BROKEN, STREAM_WHOLE };

size_t question_write(const struct question *question, uint8_t *ret);
struct stream *stream_take(const struct question *question);
void stream_return(struct stream *stream);
/* STREAM_WHOLE: the reply is bytes + 2, `have` - 2 bytes long. */
enum stream_state stream_move(struct stream *stream, int fd, uint32_t events);
#endif

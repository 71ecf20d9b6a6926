/* One direction of the box's input or output: bytes are read only when the last ones are gone, so that memory is
 * bounded and a slow reader slows the box. The caller polls; nothing here waits. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

void relay_open(struct relay *r, int in, int out, int log, bool out_is_ours) {
  r->in = in;
  r->out = out;
  r->log = log;
  r->out_is_ours = out_is_ours;
  r->start = r->length = 0;
  r->passed = 0;
  r->lost = 0;
  r->ended = false;
  /* Only on descriptors of our own: O_NONBLOCK on the user's would stay after us (open(2), file status flags). */
  if (out_is_ours) fcntl(out, F_SETFL, fcntl(out, F_GETFL) | O_NONBLOCK);
}

short relay_wants_in(const struct relay *r) { return !r->ended && r->in >= 0 && r->length == 0 ? POLLIN : 0; }
short relay_wants_out(const struct relay *r) { return r->length > 0 ? POLLOUT : 0; }

void relay_close(struct relay *r) {
  r->ended = true;
  r->length = 0;
  if (r->in > 2) close(r->in);
  r->in = -1;
  if (r->out >= 0) close(r->out);
  r->out = -1;
}

static void fill(struct relay *r) {
  ssize_t n = read(r->in, r->buffer, sizeof r->buffer);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  /* EIO is how the master of a pty says that the last slave is closed. */
  if (n <= 0) { relay_close(r); return; }
  r->start = 0;
  r->length = (size_t)n;
  r->passed += (uint64_t)n;
  if (r->log >= 0) log_write(r->log, r->buffer, (size_t)n);
  if (r->out < 0) r->length = 0;
}

static void drain(struct relay *r) {
  /* poll(2) promises room for PIPE_BUF bytes on a pipe, so a write of that size does not block. */
  size_t most = r->out_is_ours || r->length < PIPE_BUF ? r->length : PIPE_BUF;
  ssize_t n = write(r->out, r->buffer + r->start, most);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n < 0) {
    if (errno != EPIPE) r->lost = errno;
    /* The reader is gone. What is logged goes on being read; else the box gets its SIGPIPE. */
    if (r->log < 0) { relay_close(r); return; }
    close(r->out);
    r->out = -1;
    r->length = 0;
    return;
  }
  r->start += (size_t)n;
  r->length -= (size_t)n;
}

void relay_step(struct relay *r, short in_events, short out_events) {
  if (r->length > 0 && out_events) drain(r);
  else if (r->length == 0 && (in_events & (POLLIN | POLLHUP | POLLERR))) fill(r);
  else if (in_events & POLLNVAL) relay_close(r);
}

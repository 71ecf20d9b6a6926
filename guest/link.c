/* The two kinds of link. For vhost-user this is also the virtio console: its four queues carry one port and the
 * messages about it (VIRTIO 1.2, 5.3.6). */
#include "link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PORT_IN, PORT_OUT, CONTROL_IN, CONTROL_OUT };
enum { DEVICE_READY = 0, PORT_ADD = 1, PORT_READY = 3, PORT_OPEN = 6 };
struct control { uint32_t port; uint16_t event, value; };
enum { CONTROL_BYTES = 256 };

void link_init(struct link *l, enum link_kind kind) {
  *l = (struct link){.kind = kind, .fd = -1};
  for (int i = 0; i < VHOST_QUEUES; i++) l->vhost.queues[i].kick = l->vhost.queues[i].call = -1;
  l->control = (struct ring){malloc(CONTROL_BYTES), CONTROL_BYTES, 0, 0};
}

bool link_connect(struct link *l, int fd) {
  /* A message of vhost-user is waited for as a whole; a VMM that sends half of one must not stop us for ever. */
  const struct timeval most = {2, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
  l->fd = l->vhost.fd = fd;
  return l->control.bytes != NULL;
}

size_t link_watch(const struct link *l, const struct wire *w, struct pollfd *fds) {
  size_t n = 0;
  bool waiting = l->kind == LINK_SOCKET && ring_used(&w->out) > 0;
  fds[n++] = (struct pollfd){l->fd, (short)(POLLIN | (waiting ? POLLOUT : 0)), 0};
  for (int i = 0; l->kind == LINK_VHOST && i < VHOST_QUEUES; i++) fds[n++] = (struct pollfd){l->vhost.queues[i].kick, POLLIN, 0};
  return n;
}

/* From a ring into the driver's buffers, as far as both reach. */
static bool fill(struct link *l, int queue, struct ring *from) {
  bool moved = false;
  while (ring_used(from) > 0) {
    struct vhost_buffer buffer;
    int found = vhost_next(&l->vhost, queue, &buffer);
    if (found < 0) return false;
    if (found == 0) break;
    size_t written = 0;
    for (size_t i = 0; i < buffer.part_count && ring_used(from) > 0; i++) {
      if (!buffer.parts[i].writable) return false;
      for (size_t left = buffer.parts[i].length; left > 0 && ring_used(from) > 0;) {
        unsigned char *at;
        size_t length = ring_front(from, &at);
        if (length > left) length = left;
        memcpy(buffer.parts[i].at + buffer.parts[i].length - left, at, length);
        from->head += length;
        written += length;
        left -= length;
      }
    }
    if (!vhost_done(&l->vhost, queue, &buffer, written)) return false;
    moved = true;
  }
  if (moved) vhost_notify(&l->vhost, queue);
  return true;
}

static bool tell(struct link *l, uint16_t event, uint16_t value) {
  struct control c = {0, event, value};
  if (ring_free(&l->control) < sizeof c) return false; /* a driver that asks without end */
  ring_put(&l->control, &c, sizeof c);
  return true;
}

static bool obey(struct link *l, const unsigned char *bytes, size_t length) {
  struct control c;
  if (length < sizeof c) return false;
  memcpy(&c, bytes, sizeof c);
  if (c.event == DEVICE_READY) return tell(l, PORT_ADD, 1);
  if (c.event == PORT_READY) return tell(l, PORT_OPEN, 1);
  return true;
}

struct drain { struct wire *wire; wire_handler *handle; void *context; };

/* A wire's bytes come in any pieces; a piece is copied first, as the guest could change it while it is parsed. */
static bool consume(struct link *l, int queue, const struct drain *d, const struct vhost_buffer *buffer) {
  unsigned char piece[WIRE_PAYLOAD_MAX];
  for (size_t i = 0; i < buffer->part_count; i++) {
    if (buffer->parts[i].writable) return false;
    for (size_t done = 0; done < buffer->parts[i].length;) {
      size_t length = buffer->parts[i].length - done < sizeof piece ? buffer->parts[i].length - done : sizeof piece;
      memcpy(piece, buffer->parts[i].at + done, length);
      if (queue == PORT_OUT ? !wire_feed(d->wire, piece, length, d->handle, d->context) : !obey(l, piece, length)) return false;
      done += length;
    }
  }
  return true;
}

static bool empty(struct link *l, int queue, const struct drain *d) {
  bool moved = false;
  for (int i = 0; i < VHOST_QUEUE_MAX; i++) { /* bounded: other work is due, too */
    struct vhost_buffer buffer;
    int found = vhost_next(&l->vhost, queue, &buffer);
    if (found < 0) return false;
    if (found == 0) break;
    if (!consume(l, queue, d, &buffer) || !vhost_done(&l->vhost, queue, &buffer, 0)) return false;
    moved = true;
  }
  if (moved) vhost_notify(&l->vhost, queue);
  return true;
}

static bool pump_vhost(struct link *l, struct wire *w, const struct pollfd *fds, size_t count, const struct drain *d) {
  for (size_t i = 1; i < count; i++) {
    uint64_t kicks;
    if ((fds[i].revents & POLLIN) && read(fds[i].fd, &kicks, sizeof kicks) < 0 && errno != EAGAIN) return false;
  }
  /* Before the driver's messages, as one may take the queues away, */
  l->broke_rule = !empty(l, CONTROL_OUT, d) || !empty(l, PORT_OUT, d);
  if (l->broke_rule) return false;
  bool heard = count == 0 || !(fds[0].revents & (POLLIN | POLLHUP | POLLERR)) || vhost_message(&l->vhost);
  /* and also when the machine has gone: its last words are still in the memory that it shared. */
  l->broke_rule = !empty(l, CONTROL_OUT, d) || !empty(l, PORT_OUT, d);
  if (l->broke_rule || !heard) return false;
  l->broke_rule = !fill(l, CONTROL_IN, &l->control) || !fill(l, PORT_IN, &w->out);
  return !l->broke_rule;
}

static bool pump_socket(struct link *l, struct wire *w, const struct pollfd *fds, size_t count, const struct drain *d) {
  unsigned char bytes[WIRE_PAYLOAD_MAX];
  if (count > 0 && (fds[0].revents & (POLLIN | POLLHUP | POLLERR))) {
    ssize_t n = recv(l->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return false;
    l->broke_rule = n > 0 && !wire_feed(w, bytes, (size_t)n, d->handle, d->context);
    if (l->broke_rule) return false;
  }
  while (ring_used(&w->out) > 0) {
    unsigned char *at;
    size_t length = ring_front(&w->out, &at);
    ssize_t n = send(l->fd, at, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    w->out.head += (size_t)n;
  }
  return true;
}

bool link_pump(struct link *l, struct wire *w, const struct pollfd *fds, size_t count, wire_handler *handle, void *context) {
  const struct drain drain = {w, handle, context};
  if (l->fd < 0) return true;
  bool alive = l->kind == LINK_VHOST ? pump_vhost(l, w, fds, count, &drain) : pump_socket(l, w, fds, count, &drain);
  if (!alive) { /* what is in memory stays mapped, and nothing more comes */
    close(l->fd);
    l->fd = -1;
  }
  return alive;
}

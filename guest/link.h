/* The way of the wire's bytes from the monitor into its virtual machine: a virtio port, with User-Mode Linux behind
 * vhost-user and with QEMU behind a socket. */
#ifndef GLOVEBOX_LINK_H
#define GLOVEBOX_LINK_H

#include "vhost.h"
#include "wire.h"

#include <poll.h>

enum link_kind { LINK_SOCKET, LINK_VHOST };
enum { LINK_POLLED = 1 + VHOST_QUEUES };

struct link {
  enum link_kind kind;
  int fd; /* -1 until the VMM has connected */
  struct vhost vhost;
  struct ring control; /* console control messages on their way to the driver */
  bool broke_rule; /* why it ended: else the VMM hung up */
};

void link_init(struct link *l, enum link_kind kind);
bool link_connect(struct link *l, int fd);
size_t link_watch(const struct link *l, const struct wire *w, struct pollfd *fds);
/* Moves what can be moved both ways; false when the VMM hung up or broke the protocol. */
bool link_pump(struct link *l, struct wire *w, const struct pollfd *fds, size_t count, wire_handler *handle, void *context);

#endif

/* The device side of a virtio console over vhost-user: User-Mode Linux is its driver (vhost.c, console_device.c). */
#ifndef GLOVEBOX_VHOST_H
#define GLOVEBOX_VHOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VHOST_QUEUES = 4, VHOST_QUEUE_MAX = 1024, VHOST_REGIONS = 8 };

struct vhost_region {
  uint64_t guest, user, length;
  unsigned char *at;
  void *mapping;
  size_t mapping_length;
};

struct vhost_queue {
  uint32_t size;
  uint64_t desc_user, avail_user, used_user; /* as the driver gave them; checked when the queue is used */
  uint16_t next;                             /* index of the next entry of the available ring */
  int kick, call;
  bool enabled;
};

struct vhost {
  int fd;
  struct vhost_region regions[VHOST_REGIONS];
  size_t region_count;
  struct vhost_queue queues[VHOST_QUEUES];
};

/* One buffer of the driver's, already checked to lie in its memory. */
struct vhost_buffer {
  uint16_t head;
  size_t part_count;
  struct { unsigned char *at; size_t length; bool writable; } parts[16];
};

/* Answers one message of the driver; false when it hung up or broke the protocol. */
bool vhost_message(struct vhost *v);
/* 1: a buffer, 0: there is none now, -1: the driver broke the rules of the ring. */
int vhost_next(struct vhost *v, int queue, struct vhost_buffer *ret);
bool vhost_done(struct vhost *v, int queue, const struct vhost_buffer *buffer, size_t written);
void vhost_notify(const struct vhost *v, int queue);

#endif

/* The back end of vhost-user, as far as a virtio console needs it.
 *
 * Sources: QEMU's docs/interop/vhost-user.rst; the split ring and its rules, Virtual I/O Device (VIRTIO) 1.2, chapter
 * 2.7; the driver, arch/um/drivers/virtio_uml.c. The driver is a hostile kernel: every address it gives is looked up
 * in the memory it shared, every index is bounded by the ring's size, every chain by its number of entries. Values in
 * shared memory are read once and then used, as the guest may change them meanwhile.
 */
#include "vhost.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  GET_FEATURES = 1, SET_FEATURES = 2, SET_OWNER = 3, SET_MEM_TABLE = 5, SET_VRING_NUM = 8, SET_VRING_ADDR = 9,
  SET_VRING_BASE = 10, GET_VRING_BASE = 11, SET_VRING_KICK = 12, SET_VRING_CALL = 13, SET_VRING_ERR = 14,
  GET_PROTOCOL_FEATURES = 15, SET_PROTOCOL_FEATURES = 16, GET_QUEUE_NUM = 17, SET_VRING_ENABLE = 18, GET_CONFIG = 24,
  FLAG_VERSION = 1, FLAG_REPLY = 4, FLAG_NEED_REPLY = 8,
  PAYLOAD_MAX = 512, BUFFER_MAX = 1 << 20, NO_DESCRIPTOR = 0x100,
  DESC_NEXT = 1, DESC_WRITE = 2, AVAIL_NO_INTERRUPT = 1,
};
static const uint64_t FEATURES = 1ull << 32 /* VIRTIO_F_VERSION_1 */ | 1ull << 30 /* protocol features */ |
                                 1ull << 1 /* VIRTIO_CONSOLE_F_MULTIPORT */;
static const uint64_t PROTOCOL_FEATURES = 1ull << 3 /* REPLY_ACK */ | 1ull << 9 /* CONFIG */;

/* VIRTIO 1.2, 5.3.4: a console without a size and one port. */
static const struct { uint16_t columns, rows; uint32_t ports, emergency; } console_config = {0, 0, 1, 0};

struct message {
  uint32_t request, flags, size;
  union {
    uint64_t number;
    struct { uint32_t index, value; } state;
    struct { uint32_t index, flags; uint64_t desc, used, avail, log; } address;
    struct { uint32_t count, pad; struct { uint64_t guest, size, user, offset; } regions[VHOST_REGIONS]; } memory;
    struct { uint32_t offset, size, flags; unsigned char bytes[256]; } config;
    unsigned char bytes[PAYLOAD_MAX];
  } body;
} __attribute__((packed, aligned(4)));
enum { HEADER = 12 };

struct received { struct message message; int fds[VHOST_REGIONS]; size_t fd_count; };

static bool receive(int fd, struct received *ret) {
  union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof ret->fds)]; } control;
  struct iovec part = {&ret->message, HEADER};
  struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_WAITALL);
  ret->fd_count = 0;
  for (struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL; c; c = CMSG_NXTHDR(&msg, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
      ret->fd_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      memcpy(ret->fds, CMSG_DATA(c), ret->fd_count * sizeof(int));
    }
  if (n != HEADER || (msg.msg_flags & MSG_CTRUNC) || ret->message.size > PAYLOAD_MAX) return false;
  memset(&ret->message.body, 0, sizeof ret->message.body);
  if (ret->message.size == 0) return true;
  return recv(fd, &ret->message.body, ret->message.size, MSG_WAITALL) == (ssize_t)ret->message.size;
}

static bool reply(int fd, struct message *m, uint32_t size) {
  m->flags = FLAG_VERSION | FLAG_REPLY;
  m->size = size;
  return send(fd, m, HEADER + size, MSG_NOSIGNAL) == (ssize_t)(HEADER + size);
}

static void unmap(struct vhost *v) {
  for (size_t i = 0; i < v->region_count; i++) munmap(v->regions[i].mapping, v->regions[i].mapping_length);
  v->region_count = 0;
}

static bool map_memory(struct vhost *v, const struct received *r) {
  uint32_t count = r->message.body.memory.count;
  if (count > VHOST_REGIONS || count != r->fd_count) return false;
  unmap(v);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t size = r->message.body.memory.regions[i].size, offset = r->message.body.memory.regions[i].offset;
    struct stat st;
    if (size == 0 || size > 1ull << 46 || offset > 1ull << 46 || fstat(r->fds[i], &st) < 0 || (uint64_t)st.st_size < size + offset) return false;
    void *at = mmap(NULL, size + offset, PROT_READ | PROT_WRITE, MAP_SHARED, r->fds[i], 0);
    if (at == MAP_FAILED) return false;
    v->regions[v->region_count++] = (struct vhost_region){
        r->message.body.memory.regions[i].guest, r->message.body.memory.regions[i].user, size,
        (unsigned char *)at + offset, at, size + offset};
  }
  return true;
}

/* Takes the one descriptor of a message out of it. */
static int take_fd(struct received *r) {
  if (r->fd_count != 1) return -1;
  r->fd_count = 0;
  return r->fds[0];
}

static bool set_queue_fd(struct vhost *v, struct received *r) {
  uint64_t number = r->message.body.number;
  if ((number & 0xff) >= VHOST_QUEUES) return false;
  struct vhost_queue *q = &v->queues[number & 0xff];
  int *slot = r->message.request == SET_VRING_KICK ? &q->kick : &q->call;
  if (*slot >= 0) close(*slot);
  *slot = number & NO_DESCRIPTOR ? -1 : take_fd(r);
  if (*slot >= 0) fcntl(*slot, F_SETFL, O_NONBLOCK); /* a driver that does not read its interrupts stalls itself only */
  return *slot >= 0 || (number & NO_DESCRIPTOR);
}

static bool set_queue(struct vhost *v, const struct message *m) {
  uint32_t index = m->body.state.index; /* the first word of all of these */
  if (index >= VHOST_QUEUES) return false;
  struct vhost_queue *q = &v->queues[index];
  switch (m->request) {
  case SET_VRING_NUM: {
    uint32_t size = m->body.state.value;
    if (size == 0 || size > VHOST_QUEUE_MAX || (size & (size - 1))) return false;
    q->size = size;
    return true;
  }
  case SET_VRING_ADDR:
    q->desc_user = m->body.address.desc;
    q->avail_user = m->body.address.avail;
    q->used_user = m->body.address.used;
    return true;
  case SET_VRING_BASE: q->next = (uint16_t)m->body.state.value; return true;
  default: q->enabled = m->body.state.value != 0; return true;
  }
}

static bool answer_config(struct vhost *v, struct message *m) {
  uint32_t offset = m->body.config.offset, size = m->body.config.size;
  if (size > sizeof m->body.config.bytes || offset > sizeof console_config || m->size < 12) return false;
  memset(m->body.config.bytes, 0, sizeof m->body.config.bytes);
  size_t there = sizeof console_config - offset;
  memcpy(m->body.config.bytes, (const unsigned char *)&console_config + offset, size < there ? size : there);
  return reply(v->fd, m, m->size);
}

static bool answer(struct vhost *v, struct received *r) {
  struct message *m = &r->message;
  bool ok = true, replied = false;
  switch (m->request) {
  case GET_FEATURES: m->body.number = FEATURES; replied = true; ok = reply(v->fd, m, 8); break;
  case GET_PROTOCOL_FEATURES: m->body.number = PROTOCOL_FEATURES; replied = true; ok = reply(v->fd, m, 8); break;
  case GET_QUEUE_NUM: m->body.number = VHOST_QUEUES; replied = true; ok = reply(v->fd, m, 8); break;
  case GET_CONFIG: replied = true; ok = answer_config(v, m); break;
  case GET_VRING_BASE:
    if (m->body.state.index >= VHOST_QUEUES) return false;
    m->body.state.value = v->queues[m->body.state.index].next;
    v->queues[m->body.state.index].enabled = false;
    replied = true;
    ok = reply(v->fd, m, 8);
    break;
  case SET_FEATURES: ok = (m->body.number & ~FEATURES) == 0; break;
  case SET_PROTOCOL_FEATURES: ok = (m->body.number & ~PROTOCOL_FEATURES) == 0; break;
  case SET_OWNER: break;
  case SET_MEM_TABLE: ok = map_memory(v, r); break;
  case SET_VRING_KICK: case SET_VRING_CALL: ok = set_queue_fd(v, r); break;
  case SET_VRING_ERR: break;
  case SET_VRING_NUM: case SET_VRING_ADDR: case SET_VRING_BASE: case SET_VRING_ENABLE: ok = set_queue(v, m); break;
  default: return false;
  }
  if (ok && !replied && (m->flags & FLAG_NEED_REPLY)) {
    m->body.number = 0;
    ok = reply(v->fd, m, 8);
  }
  return ok;
}

bool vhost_message(struct vhost *v) {
  struct received r;
  bool ok = receive(v->fd, &r) && answer(v, &r);
  for (size_t i = 0; i < r.fd_count; i++) close(r.fds[i]);
  return ok;
}

/* `length` bytes at an address, or NULL where these are not all the guest's memory. */
static unsigned char *translate(const struct vhost *v, uint64_t address, uint64_t length, bool user) {
  for (size_t i = 0; i < v->region_count; i++) {
    const struct vhost_region *r = &v->regions[i];
    uint64_t start = user ? r->user : r->guest;
    if (address >= start && address - start < r->length && length <= r->length - (address - start)) return r->at + (address - start);
  }
  return NULL;
}

struct descriptor { uint64_t address; uint32_t length; uint16_t flags, next; };
struct rings { struct descriptor *desc; uint16_t *avail, *used; };

static bool find_rings(const struct vhost *v, const struct vhost_queue *q, struct rings *ret) {
  if (!q->enabled || q->size == 0) return false;
  ret->desc = (void *)translate(v, q->desc_user, 16ull * q->size, true);
  ret->avail = (void *)translate(v, q->avail_user, 4 + 2ull * q->size, true);
  ret->used = (void *)translate(v, q->used_user, 4 + 8ull * q->size, true);
  /* Where they lie here: a region need not begin at a word. */
  bool aligned = ((uintptr_t)ret->desc & 7) == 0 && (((uintptr_t)ret->avail | (uintptr_t)ret->used) & 3) == 0;
  return ret->desc && ret->avail && ret->used && aligned;
}

static bool collect(const struct vhost *v, const struct vhost_queue *q, const struct rings *rings, struct vhost_buffer *ret) {
  uint16_t at = ret->head;
  for (ret->part_count = 0; ret->part_count < 16;) {
    if (at >= q->size) return false;
    struct descriptor d;
    memcpy(&d, &rings->desc[at], sizeof d);
    unsigned char *bytes = translate(v, d.address, d.length, false);
    if (!bytes || d.length > BUFFER_MAX || (d.flags & ~(DESC_NEXT | DESC_WRITE))) return false;
    ret->parts[ret->part_count].at = bytes;
    ret->parts[ret->part_count].length = d.length;
    ret->parts[ret->part_count++].writable = d.flags & DESC_WRITE;
    if (!(d.flags & DESC_NEXT)) return true;
    at = d.next;
  }
  return false;
}

int vhost_next(struct vhost *v, int queue, struct vhost_buffer *ret) {
  struct vhost_queue *q = &v->queues[queue];
  struct rings rings;
  if (!q->enabled) return 0;
  if (!find_rings(v, q, &rings)) return -1;
  uint16_t available = __atomic_load_n(&rings.avail[1], __ATOMIC_ACQUIRE);
  if (available == q->next) return 0;
  if ((uint16_t)(available - q->next) > q->size) return -1;
  ret->head = __atomic_load_n(&rings.avail[2 + (q->next & (q->size - 1))], __ATOMIC_RELAXED);
  q->next++;
  return collect(v, q, &rings, ret) ? 1 : -1;
}

bool vhost_done(struct vhost *v, int queue, const struct vhost_buffer *buffer, size_t written) {
  struct vhost_queue *q = &v->queues[queue];
  struct rings rings;
  if (!find_rings(v, q, &rings)) return false;
  uint16_t index = __atomic_load_n(&rings.used[1], __ATOMIC_RELAXED);
  uint32_t element[2] = {buffer->head, (uint32_t)written};
  memcpy((unsigned char *)rings.used + 4 + 8 * (index & (q->size - 1)), element, sizeof element);
  __atomic_store_n(&rings.used[1], (uint16_t)(index + 1), __ATOMIC_RELEASE);
  return true;
}

void vhost_notify(const struct vhost *v, int queue) {
  const struct vhost_queue *q = &v->queues[queue];
  uint64_t one = 1;
  if (q->call >= 0 && write(q->call, &one, sizeof one) < 0 && errno != EAGAIN) return;
}

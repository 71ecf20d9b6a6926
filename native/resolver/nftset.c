/* Elements of nftables' sets, by raw netlink messages: one batch is one transaction of the kernel's, so what is removed and
 * added again was never away. Sources: include/uapi/linux/netfilter/{nfnetlink,nf_tables}.h and net/netfilter/nf_tables_api.c.
 * The kernel handles a batch within sendmsg(2), so its replies wait when that returns. */
#include "resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* musl brings no headers of the kernel's. */
enum { NETLINK_NETFILTER = 12, NFNL_SUBSYS_NFTABLES = 10, BATCH_BEGIN = 16, BATCH_END = 17, NEWSETELEM = 12, DELSETELEM = 14, DESTROYSETELEM = 30, NFPROTO_INET = 1 };
enum { F_REQUEST = 1, F_ACK = 4, F_EXCL = 0x200, F_CREATE = 0x400, NESTED = 0x8000, MSG_ERROR = 2 };
enum { LIST_TABLE = 1, LIST_SET = 2, LIST_ELEMENTS = 3, LIST_ELEM = 1, ELEM_KEY = 1, ELEM_TIMEOUT = 4, DATA_VALUE = 1 };
struct netlink_address { uint16_t family, pad; uint32_t pid, groups; };
struct header { uint32_t length; uint16_t type, flags; uint32_t sequence, pid; uint8_t family, version; uint16_t resource; };

static uint32_t sequence;
static struct { size_t used; _Alignas(8) uint8_t bytes[16384]; } batch;

int nftset_open(void) {
  struct netlink_address kernel = {.family = AF_NETLINK};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (fd < 0) return -1;
  if (connect(fd, (struct sockaddr *)&kernel, sizeof kernel) == 0) return fd;
  close(fd);
  return -1;
}

static size_t begin_attribute(uint16_t type) {
  size_t at = batch.used;
  memcpy(batch.bytes + at + 2, &type, 2);
  batch.used += 4;
  return at;
}

static void end_attribute(size_t at) {
  uint16_t length = (uint16_t)(batch.used - at);
  memcpy(batch.bytes + at, &length, 2);
  while (batch.used % 4) batch.bytes[batch.used++] = 0;
}

static void add_attribute(uint16_t type, const void *bytes, size_t length) {
  size_t at = begin_attribute(type);
  memcpy(batch.bytes + batch.used, bytes, length);
  batch.used += length;
  end_attribute(at);
}

static size_t begin_message(uint16_t type, uint16_t flags) {
  size_t at = batch.used;
  bool marks = type == BATCH_BEGIN || type == BATCH_END;
  struct header header = {.type = marks ? type : (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), .flags = F_REQUEST | flags, .sequence = ++sequence,
                          .family = marks ? 0 : NFPROTO_INET, .resource = marks ? htons(NFNL_SUBSYS_NFTABLES) : 0};
  memcpy(batch.bytes + at, &header, sizeof header);
  batch.used += sizeof header;
  return at;
}

static void end_message(size_t at) {
  uint32_t length = (uint32_t)(batch.used - at);
  memcpy(batch.bytes + at, &length, sizeof length);
}

static void add_elements(const struct set_change *c, bool remove) {
  const struct address *list = remove ? c->remove : c->add;
  size_t count = remove ? c->remove_count : c->add_count;
  if (count == 0) return;
  size_t message = begin_message(!remove ? NEWSETELEM : c->destroy ? DESTROYSETELEM : DELSETELEM, remove ? F_ACK : F_ACK | F_CREATE | F_EXCL);
  add_attribute(LIST_TABLE, c->table, strlen(c->table) + 1);
  add_attribute(LIST_SET, c->set, strlen(c->set) + 1);
  size_t elements = begin_attribute(LIST_ELEMENTS | NESTED);
  for (size_t i = 0; i < count; i++) {
    size_t element = begin_attribute(LIST_ELEM | NESTED), key = begin_attribute(ELEM_KEY | NESTED);
    add_attribute(DATA_VALUE, list[i].bytes, list[i].family == 4 ? 4 : 16);
    end_attribute(key);
    if (!remove) {
      uint8_t timeout[8];
      put32(timeout, (uint32_t)(c->timeout_ms >> 32));
      put32(timeout + 4, (uint32_t)c->timeout_ms);
      add_attribute(ELEM_TIMEOUT, timeout, sizeof timeout);
    }
    end_attribute(element);
  }
  end_attribute(elements);
  end_message(message);
}

/* 0, or the first error of the kernel's (positive). Each message must have been acknowledged. */
static int read_replies(int fd, size_t expected) {
  _Alignas(8) uint8_t bytes[16384];
  size_t acknowledged = 0;
  int first = 0;
  ssize_t got;
  while ((got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
    for (size_t at = 0; at + 20 <= (size_t)got;) {
      uint32_t length, of;
      uint16_t type;
      int32_t error;
      memcpy(&length, bytes + at, 4);
      memcpy(&type, bytes + at + 4, 2);
      memcpy(&of, bytes + at + 8, 4);
      memcpy(&error, bytes + at + 16, 4);
      if (length < 20 || length > (size_t)got - at) return EBADMSG;
      /* Replies to an earlier batch that came too late are none to this one. */
      if (type == MSG_ERROR && sequence - of <= expected + 1) {
        if (error == 0) acknowledged++;
        else if (first == 0) first = -error;
      }
      at += (length + 3) & ~3u;
    }
  return first ? first : acknowledged == expected ? 0 : EPROTO;
}

/* Removes and adds elements in one transaction. Returns 0 or an errno: EEXIST where one to add is there, ENOENT where the set or
 * one to remove is not. */
int nftset_apply(int fd, const struct set_change *change) {
  batch.used = 0;
  if (change->add_count > MAX_ADDRESSES || change->remove_count > MAX_ADDRESSES) return E2BIG;
  end_message(begin_message(BATCH_BEGIN, 0));
  add_elements(change, true);
  add_elements(change, false);
  end_message(begin_message(BATCH_END, 0));
  if (send(fd, batch.bytes, batch.used, 0) != (ssize_t)batch.used) return errno ? errno : EIO;
  return read_replies(fd, (size_t)(change->remove_count > 0) + (change->add_count > 0));
}

/* What the resolver tells the log of flows: which addresses a name was just answered with, in one datagram before the answer goes
 * to the box. A datagram: family, count and length of the name (a byte each), a byte 0, the TTL, how many were lost before it (four
 * bytes each, big endian), the addresses, the name in wire form. tell_read is the other side's: whoever writes there reads what is
 * hostile all day, so nothing is believed but that it names addresses. */
#include "resolver.h"

#include <string.h>
#include <sys/socket.h>

static struct { int fd; uint32_t lost; } told = {.fd = -1};

void tell_open(int fd) {
  told.fd = fd;
  /* As much as the machine lets one have (net.core.wmem_max): beyond it names are lost, and counted. */
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){1 << 20}, sizeof(int));
}

size_t tell_write(const struct told *t, uint8_t *ret) {
  size_t size = t->family == 4 ? 4 : 16, at = TELL_HEAD;
  ret[0] = t->family;
  ret[1] = t->count;
  ret[2] = t->name.length;
  ret[3] = 0;
  put32(ret + 4, t->ttl);
  put32(ret + 8, t->lost);
  for (size_t i = 0; i < t->count; i++, at += size) memcpy(ret + at, t->addresses[i].bytes, size);
  memcpy(ret + at, t->name.bytes, t->name.length);
  return at + t->name.length;
}

bool tell_read(const uint8_t *bytes, size_t length, struct told *ret) {
  struct name name;
  if (length < TELL_HEAD || (bytes[0] != 4 && bytes[0] != 6) || bytes[1] > MAX_ADDRESSES || bytes[3] != 0) return false;
  *ret = (struct told){.family = bytes[0], .count = bytes[1], .ttl = get32(bytes + 4), .lost = get32(bytes + 8)};
  size_t size = ret->family == 4 ? 4 : 16, end = TELL_HEAD + size * ret->count;
  if (length != end + bytes[2] || ret->ttl > TTL_MAX) return false;
  if (name_read(bytes, length, end, false, &name) != length || !name_is_plain(&name)) return false;
  name_lower(&name, &ret->name);
  for (size_t i = 0; i < ret->count; i++) {
    ret->addresses[i].family = ret->family;
    memcpy(ret->addresses[i].bytes, bytes + TELL_HEAD + size * i, size);
  }
  return true;
}

static void send_one(struct told *t) {
  uint8_t bytes[TELL_MAX];
  t->lost = told.lost;
  size_t length = tell_write(t, bytes);
  if (send(told.fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length) told.lost = 0;
  else if (told.lost < UINT32_MAX - t->count) told.lost += t->count;
}

void tell_name(const struct name *name, const struct body *body) {
  struct address addresses[MAX_ADDRESSES];
  if (told.fd < 0) return;
  size_t count = body_addresses(body, addresses, MAX_ADDRESSES);
  for (uint8_t family = 4; family <= 6; family += 2) {
    struct told t = {.family = family, .ttl = body->ttl, .name = *name};
    for (size_t i = 0; i < count; i++)
      if (addresses[i].family == family) t.addresses[t.count++] = addresses[i];
    if (t.count > 0) send_one(&t);
  }
}

/* Where no further answer says it. */
void tell_lost(void) {
  struct told nothing = {.family = 4, .name = {1, {0}}};
  if (told.fd >= 0 && told.lost > 0) send_one(&nothing);
}

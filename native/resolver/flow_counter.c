/* The firewall's counter of the packets that it refused and did not log, as they were too many: NFT_MSG_GETOBJ
 * (include/uapi/linux/netfilter/nf_tables.h, net/netfilter/nf_tables_api.c). src/network/ruleset.ts declares it. */
#include "flow.h"

#include <string.h>
#include <sys/socket.h>

enum { SUBSYSTEM_NFTABLES = 10, NEW_OBJECT = 18, GET_OBJECT = 19, INET = 1, REQUEST = 1 };
enum { OBJECT_TABLE = 1, OBJECT_NAME = 2, OBJECT_TYPE = 3, OBJECT_DATA = 4, TYPE_COUNTER = 1, COUNTER_PACKETS = 2 };
struct header { uint32_t length; uint16_t type, flags; uint32_t sequence, pid; uint8_t family, version; uint16_t resource; };

static size_t put_attribute(uint8_t *at, uint16_t type, const void *value, size_t length) {
  uint16_t whole = (uint16_t)(4 + length);
  memcpy(at, &whole, 2);
  memcpy(at + 2, &type, 2);
  memcpy(at + 4, value, length);
  return (whole + 3u) & ~3u;
}

/* False where the message is no counter. */
bool counter_read(const uint8_t *at, size_t left, uint64_t *ret) {
  bool found = false;
  for (struct attribute a; attribute_next(&at, &left, &a);) {
    if (a.type != OBJECT_DATA) continue;
    const uint8_t *inner = a.bytes;
    size_t rest = a.length;
    for (struct attribute b; attribute_next(&inner, &rest, &b);)
      if (b.type == COUNTER_PACKETS && b.length == 8) *ret = attribute_number(&b), found = true;
  }
  return found;
}

/* The kernel has answered by the time that send(2) returns; 0 where there is no such counter. */
uint64_t counter_packets(int fd) {
  uint8_t reply[1024];
  struct { struct header header; uint8_t rest[64]; } ask = {.header = {.type = SUBSYSTEM_NFTABLES << 8 | GET_OBJECT, .flags = REQUEST, .family = INET}};
  const uint8_t type[4] = {0, 0, 0, TYPE_COUNTER};
  size_t used = put_attribute(ask.rest, OBJECT_TABLE, "glovebox", sizeof "glovebox");
  used += put_attribute(ask.rest + used, OBJECT_NAME, "unlogged", sizeof "unlogged");
  used += put_attribute(ask.rest + used, OBJECT_TYPE, type, sizeof type);
  ask.header.length = (uint32_t)(sizeof ask.header + used);
  if (send(fd, &ask, ask.header.length, 0) != (ssize_t)ask.header.length) return 0;
  uint64_t packets = 0;
  for (ssize_t got; (got = recv(fd, reply, sizeof reply, MSG_DONTWAIT)) > 0;) {
    const uint8_t *at = reply;
    size_t left = (size_t)got;
    for (struct netlink_message m; netlink_next(&at, &left, &m);)
      if (m.type == (SUBSYSTEM_NFTABLES << 8 | NEW_OBJECT)) counter_read(m.bytes, m.length, &packets);
  }
  return packets;
}

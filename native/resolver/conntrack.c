/* One flow as connection tracking tells it: who began it, and how much went each way (nfnetlink_conntrack.h). */
#include "flow.h"

#include <string.h>

enum { TUPLE_ORIG = 1, COUNTERS_ORIG = 9, COUNTERS_REPLY = 10, ID = 12, TIMESTAMP = 20 };
enum { TUPLE_IP = 1, TUPLE_PROTO = 2, V4_SRC = 1, V4_DST = 2, V6_SRC = 3, V6_DST = 4, PROTO_NUM = 1, SRC_PORT = 2, DST_PORT = 3 };
enum { COUNTER_PACKETS = 1, COUNTER_BYTES = 2, TIME_START = 1, TIME_STOP = 2 };

static void read_address(const struct attribute *a, uint8_t family, struct address *ret) {
  if (a->length != (family == 4 ? 4u : 16u)) return;
  ret->family = family;
  memcpy(ret->bytes, a->bytes, a->length);
}

static void read_addresses(const struct attribute *list, struct flow *ret) {
  const uint8_t *at = list->bytes;
  size_t left = list->length;
  for (struct attribute a; attribute_next(&at, &left, &a);) {
    if (a.type == V4_SRC || a.type == V6_SRC) read_address(&a, a.type == V4_SRC ? 4 : 6, &ret->from);
    if (a.type == V4_DST || a.type == V6_DST) read_address(&a, a.type == V4_DST ? 4 : 6, &ret->to);
  }
}

static void read_ports(const struct attribute *list, struct flow *ret) {
  const uint8_t *at = list->bytes;
  size_t left = list->length;
  for (struct attribute a; attribute_next(&at, &left, &a);) {
    if (a.type == PROTO_NUM) ret->protocol = (uint8_t)attribute_number(&a);
    if (a.type == SRC_PORT) ret->from_port = (uint16_t)attribute_number(&a);
    if (a.type == DST_PORT) ret->to_port = (uint16_t)attribute_number(&a);
  }
}

static void read_tuple(const struct attribute *list, struct flow *ret) {
  const uint8_t *at = list->bytes;
  size_t left = list->length;
  for (struct attribute a; attribute_next(&at, &left, &a);) {
    if (a.type == TUPLE_IP) read_addresses(&a, ret);
    if (a.type == TUPLE_PROTO) read_ports(&a, ret);
  }
}

static void read_pair(const struct attribute *list, uint16_t first_type, uint64_t *first, uint16_t second_type, uint64_t *second) {
  const uint8_t *at = list->bytes;
  size_t left = list->length;
  for (struct attribute a; attribute_next(&at, &left, &a);) {
    if (a.type == first_type) *first = attribute_number(&a);
    if (a.type == second_type) *second = attribute_number(&a);
  }
}

/* False where it does not say between whom. */
bool conntrack_read(const uint8_t *at, size_t left, struct flow *ret) {
  *ret = (struct flow){0};
  for (struct attribute a; attribute_next(&at, &left, &a);) switch (a.type) {
      case TUPLE_ORIG: read_tuple(&a, ret); break;
      case COUNTERS_ORIG:
        read_pair(&a, COUNTER_PACKETS, &ret->sent_packets, COUNTER_BYTES, &ret->sent_bytes);
        ret->counted = true;
        break;
      case COUNTERS_REPLY: read_pair(&a, COUNTER_PACKETS, &ret->received_packets, COUNTER_BYTES, &ret->received_bytes); break;
      case ID: ret->id = (uint32_t)attribute_number(&a); break;
      case TIMESTAMP:
        read_pair(&a, TIME_START, &ret->start_ns, TIME_STOP, &ret->end_ns);
        ret->timed = true;
        break;
      default: break;
    }
  return ret->from.family != 0 && ret->from.family == ret->to.family;
}

/* A packet that the firewall has refused, as far as it says between whom it was. It is the box's, so every byte may lie. */
#include "flow.h"

#include <string.h>

enum { LOG_PAYLOAD = 9, LOG_PREFIX = 10, LOG_SEQUENCE = 12 };
enum { TCP = 6, UDP = 17, DCCP = 33, SCTP = 132, UDP_LITE = 136 };
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60, MAX_EXTENSIONS = 8 };

static void read_ports(const uint8_t *bytes, size_t length, size_t at, struct flow *ret) {
  uint8_t p = ret->protocol;
  if (p != TCP && p != UDP && p != DCCP && p != SCTP && p != UDP_LITE) return;
  if (at + 4 > length) return;
  ret->from_port = get16(bytes + at);
  ret->to_port = get16(bytes + at + 2);
}

static bool read4(const uint8_t *bytes, size_t length, struct flow *ret) {
  size_t header = (size_t)(bytes[0] & 15) * 4;
  if (length < 20 || header < 20) return false;
  ret->protocol = bytes[9];
  ret->from.family = ret->to.family = 4;
  memcpy(ret->from.bytes, bytes + 12, 4);
  memcpy(ret->to.bytes, bytes + 16, 4);
  if ((get16(bytes + 6) & 0x1fff) == 0) read_ports(bytes, length, header, ret);
  return true;
}

static bool read6(const uint8_t *bytes, size_t length, struct flow *ret) {
  if (length < 40) return false;
  uint8_t next = bytes[6];
  size_t at = 40;
  bool first = true;
  ret->from.family = ret->to.family = 6;
  memcpy(ret->from.bytes, bytes + 8, 16);
  memcpy(ret->to.bytes, bytes + 24, 16);
  for (int i = 0; i < MAX_EXTENSIONS && at + 8 <= length; i++) {
    if (next == FRAGMENT) first = (get16(bytes + at + 2) & 0xfff8) == 0;
    else if (next != HOP_BY_HOP && next != ROUTING && next != DESTINATION) break;
    size_t step = next == FRAGMENT ? 8 : ((size_t)bytes[at + 1] + 1) * 8;
    next = bytes[at];
    at += step;
  }
  ret->protocol = next;
  if (first) read_ports(bytes, length, at, ret);
  return true;
}

/* An IP packet, or the beginning of one. */
bool packet_read(const uint8_t *bytes, size_t length, struct flow *ret) {
  if (length == 0) return false;
  if (bytes[0] >> 4 == 4) return read4(bytes, length, ret);
  return bytes[0] >> 4 == 6 && read6(bytes, length, ret);
}

/* The prefix is the firewall's own word for why. */
static void read_prefix(const struct attribute *a, struct flow *ret) {
  for (size_t i = 0; i < a->length && i < PREFIX_MAX && a->bytes[i]; i++) {
    uint8_t c = a->bytes[i];
    ret->prefix[i] = c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : (char)c;
  }
}

/* A message of NFLOG (nfnetlink_log.h). */
bool packet_read_log(const uint8_t *at, size_t left, struct flow *ret, uint32_t *ret_sequence) {
  bool known = false;
  *ret = (struct flow){0};
  for (struct attribute a; attribute_next(&at, &left, &a);) {
    if (a.type == LOG_PAYLOAD) known = packet_read(a.bytes, a.length, ret);
    if (a.type == LOG_PREFIX) read_prefix(&a, ret);
    if (a.type == LOG_SEQUENCE) *ret_sequence = (uint32_t)attribute_number(&a);
  }
  return known;
}

/* What a packet between members of a network must be like: one of IP as a whole, without options, from the very address of whoever
 * sends it, to the one it is given to. Both ends look, as either may have been broken into. */
#include "join.h"

#include <string.h>

enum { HEADER4 = 20, HEADER6 = 40, PROTOCOL_ICMP = 1, PROTOCOL_FRAGMENT = 44, PROTOCOL_ICMP6 = 58, ECHO_REQUEST = 8, FIRST_INFORMATIONAL = 128, HOP_LIMIT = 64 };

/* Decimal, as we write it: no sign, no zero in front. */
uint8_t join_number(const char *name, size_t length) {
  unsigned number = 0;
  if (length == 0 || length > 3 || name[0] == '0') return 0;
  for (size_t i = 0; i < length; i++) {
    if (name[i] < '0' || name[i] > '9') return 0;
    number = number * 10 + (unsigned)(name[i] - '0');
  }
  return number <= MEMBERS ? (uint8_t)number : 0;
}

struct address join_address(const struct place *place, uint8_t family, uint8_t number) {
  struct address address = family == 4 ? place->base4 : place->base6;
  address.bytes[family == 4 ? 3 : 15] = number;
  return address;
}

struct ends { uint8_t family; const uint8_t *from, *to; size_t size; };

/* False where it is no packet of exactly this length. */
static bool read_ends(const uint8_t *packet, size_t length, struct ends *ret) {
  if (length >= HEADER4 && packet[0] == 0x45 && get16(packet + 2) == length) {
    *ret = (struct ends){4, packet + 12, packet + 16, 4};
    return true;
  }
  if (length >= HEADER6 && packet[0] >> 4 == 6 && (size_t)get16(packet + 4) + HEADER6 == length) {
    *ret = (struct ends){6, packet + 8, packet + 24, 16};
    return true;
  }
  return false;
}

/* The number behind an address of this network; 0 for every other address. */
static uint8_t number_of(const struct place *place, const uint8_t *address, const struct ends *ends) {
  const uint8_t *base = ends->family == 4 ? place->base4.bytes : place->base6.bytes;
  uint8_t number = address[ends->size - 1];
  return memcmp(address, base, ends->size - 1) == 0 && number <= MEMBERS ? number : 0;
}

enum outward join_outward(const struct place *place, const uint8_t *packet, size_t length, uint8_t *ret_to) {
  struct ends ends;
  if (!read_ends(packet, length, &ends) || number_of(place, ends.from, &ends) != place->own) return OUTWARD_WRONG;
  *ret_to = number_of(place, ends.to, &ends);
  return *ret_to == 0 || *ret_to == place->own ? OUTWARD_NOBODY : OUTWARD_PEER;
}

bool join_inward(const struct place *place, const uint8_t *packet, size_t length, uint8_t from) {
  struct ends ends;
  return from != 0 && from != place->own && read_ends(packet, length, &ends) && number_of(place, ends.from, &ends) == from &&
         number_of(place, ends.to, &ends) == place->own;
}

static uint32_t add_words(uint32_t sum, const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i + 1 < length; i += 2) sum += get16(bytes + i);
  return length % 2 ? sum + (uint32_t)(bytes[length - 1] << 8) : sum;
}

static uint16_t checksum(uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

/* RFC 792, and RFC 1122, 3.2.2: no error tells of an error, nor of a later fragment. */
static size_t unreachable4(const uint8_t *packet, size_t length, uint8_t *ret) {
  if (get16(packet + 6) & 0x1fff || (packet[9] == PROTOCOL_ICMP && (length == HEADER4 || packet[HEADER4] != ECHO_REQUEST))) return 0;
  size_t quoted = length < HEADER4 + 8 ? length : HEADER4 + 8, total = HEADER4 + 8 + quoted;
  memset(ret, 0, HEADER4 + 8);
  ret[0] = 0x45;
  put16(ret + 2, (uint32_t)total);
  ret[8] = HOP_LIMIT;
  ret[9] = PROTOCOL_ICMP;
  memcpy(ret + 12, packet + 16, 4);
  memcpy(ret + 16, packet + 12, 4);
  put16(ret + 10, checksum(add_words(0, ret, HEADER4)));
  ret[HEADER4] = 3;
  ret[HEADER4 + 1] = 1; /* the host is not there */
  memcpy(ret + HEADER4 + 8, packet, quoted);
  put16(ret + HEADER4 + 2, checksum(add_words(0, ret + HEADER4, total - HEADER4)));
  return total;
}

/* RFC 4443, 2.4 and 3.1. */
static size_t unreachable6(const uint8_t *packet, size_t length, uint8_t *ret) {
  if (packet[6] == PROTOCOL_FRAGMENT || (packet[6] == PROTOCOL_ICMP6 && (length == HEADER6 || packet[HEADER6] < FIRST_INFORMATIONAL))) return 0;
  size_t most = UNREACHABLE_MAX - HEADER6 - 8, quoted = length < most ? length : most, total = HEADER6 + 8 + quoted;
  memset(ret, 0, HEADER6 + 8);
  ret[0] = 0x60;
  put16(ret + 4, (uint32_t)(8 + quoted));
  ret[6] = PROTOCOL_ICMP6;
  ret[7] = HOP_LIMIT;
  memcpy(ret + 8, packet + 24, 16);
  memcpy(ret + 24, packet + 8, 16);
  ret[HEADER6] = 1;
  ret[HEADER6 + 1] = 3; /* the address is not there */
  memcpy(ret + HEADER6 + 8, packet, quoted);
  uint32_t sum = add_words(PROTOCOL_ICMP6 + (uint32_t)(8 + quoted), ret + 8, 32);
  put16(ret + HEADER6 + 2, checksum(add_words(sum, ret + HEADER6, 8 + quoted)));
  return total;
}

/* To whoever sent what nobody is there for, so that it need not wait. Of a packet that join_outward took; 0: nothing is to be said. */
size_t join_unreachable(const uint8_t *packet, size_t length, uint8_t *ret) {
  return packet[0] >> 4 == 4 ? unreachable4(packet, length, ret) : unreachable6(packet, length, ret);
}

/* Which addresses are nobody's on the internet, and so none that a name of the internet may have (rebinding).
 * Sources: the IANA registries of special-purpose addresses (RFC 6890 and its updates), RFC 6052 (NAT64), 3056 (6to4), 4380 (Teredo).
 * Addresses for documentation are not among them: no machine of a LAN has them. */
#include "resolver.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const struct range internal4[] = {
    {{4, {0}}, 8},             {{4, {10}}, 8},           {{4, {100, 64}}, 10},    {{4, {127}}, 8},       {{4, {169, 254}}, 16},
    {{4, {172, 16}}, 12},      {{4, {192, 0, 0}}, 24},   {{4, {192, 88, 99}}, 24}, {{4, {192, 168}}, 16}, {{4, {198, 18}}, 15},
    {{4, {224}}, 4},           {{4, {240}}, 4},
};
static const struct range nat64 = {{6, {0, 0x64, 0xff, 0x9b}}, 96}, six_to_four = {{6, {0x20, 2}}, 16}, teredo = {{6, {0x20, 1, 0, 0}}, 32},
                          global6 = {{6, {0x20}}, 3};

/* "ADDRESS" or "ADDRESS/BITS"; bits behind the prefix must be zero, as whoever sets one meant something else. */
bool range_from_text(const char *text, struct range *ret) {
  char address[INET6_ADDRSTRLEN];
  const char *slash = strchr(text, '/');
  size_t length = slash ? (size_t)(slash - text) : strlen(text);
  if (length >= sizeof address) return false;
  memcpy(address, text, length);
  address[length] = 0;
  *ret = (struct range){0};
  if (inet_pton(AF_INET, address, ret->address.bytes) == 1) ret->address.family = 4;
  else if (inet_pton(AF_INET6, address, ret->address.bytes) == 1) ret->address.family = 6;
  else return false;
  unsigned most = ret->address.family == 4 ? 32 : 128, bits = most;
  if (slash) {
    char *end;
    if (slash[1] < '0' || slash[1] > '9' || strlen(slash) > 4) return false;
    bits = (unsigned)strtoul(slash + 1, &end, 10);
    if (*end || bits > most) return false;
  }
  ret->bits = (uint8_t)bits;
  for (unsigned bit = bits; bit < most; bit++)
    if (ret->address.bytes[bit / 8] >> (7 - bit % 8) & 1) return false;
  return true;
}

bool range_has(const struct range *range, const struct address *address) {
  if (range->address.family != address->family) return false;
  size_t whole = range->bits / 8u, rest = range->bits % 8u;
  if (memcmp(range->address.bytes, address->bytes, whole) != 0) return false;
  return rest == 0 || (range->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

static bool internal_within(const uint8_t *bytes, uint8_t mask) {
  struct address inner = {4, {0}};
  for (int i = 0; i < 4; i++) inner.bytes[i] = bytes[i] ^ mask;
  return address_is_internal(&inner);
}

bool address_is_internal(const struct address *a) {
  if (a->family == 4) {
    for (size_t i = 0; i < sizeof internal4 / sizeof *internal4; i++)
      if (range_has(&internal4[i], a)) return true;
    return false;
  }
  if (range_has(&nat64, a)) return internal_within(a->bytes + 12, 0);
  if (range_has(&six_to_four, a)) return internal_within(a->bytes + 2, 0);
  /* The client's address is stored inverted. */
  if (range_has(&teredo, a)) return internal_within(a->bytes + 4, 0) || internal_within(a->bytes + 12, 0xff);
  return !range_has(&global6, a); /* loopback, mapped, link-local, ULA, multicast, local NAT64, and what is not given out */
}

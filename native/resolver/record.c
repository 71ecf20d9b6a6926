/* The data of one record of an upstream's reply, checked and copied with its names written out in full. */
#include "resolver.h"

#include <string.h>

enum { PARAM_MANDATORY = 0, PARAM_IPV4HINT = 4, PARAM_IPV6HINT = 6 };

struct part { const uint8_t *message; size_t at, end; };

static bool copy_name(const struct part *p, size_t fixed, uint8_t *ret, size_t room, size_t *ret_length) {
  struct name name;
  if (p->at + fixed > p->end || name_read(p->message, p->end, p->at + fixed, true, &name) != p->end) return false;
  if (!name_is_plain(&name) || fixed + name.length > room) return false;
  memcpy(ret, p->message + p->at, fixed);
  memcpy(ret + fixed, name.bytes, name.length);
  *ret_length = fixed + name.length;
  return true;
}

static bool copy_bytes(const struct part *p, size_t expected, uint8_t *ret, size_t room, size_t *ret_length) {
  size_t length = p->end - p->at;
  if (length != expected || length > room) return false;
  memcpy(ret, p->message + p->at, length);
  *ret_length = length;
  return true;
}

static bool copy_text(const struct part *p, uint8_t *ret, size_t room, size_t *ret_length) {
  size_t at = p->at;
  while (at < p->end) at += (size_t)p->message[at] + 1;
  return at == p->end && p->end > p->at && copy_bytes(p, p->end - p->at, ret, room, ret_length);
}

/* RFC 9460, 2.2: keys rise. Hints of addresses are left out, as they would lead round the check of addresses; a record for which
 * they are mandatory is left out as a whole (length 0). */
static bool copy_service(const struct part *p, uint8_t *ret, size_t room, size_t *ret_length) {
  struct name name;
  size_t at = p->at + 2, used;
  if (at > p->end || (at = name_read(p->message, p->end, at, false, &name)) == 0 || !name_is_plain(&name)) return false;
  used = at - p->at;
  if (used > room) return false;
  memcpy(ret, p->message + p->at, used);
  for (long last = -1; at < p->end;) {
    if (at + 4 > p->end) return false;
    uint16_t key = get16(p->message + at);
    size_t length = 4 + (size_t)get16(p->message + at + 2);
    if (key <= last || at + length > p->end) return false;
    last = key;
    if (key == PARAM_MANDATORY) {
      if (length == 4 || length % 2) return false;
      for (size_t i = 4; i < length; i += 2) {
        uint16_t needed = get16(p->message + at + i);
        if (needed == PARAM_IPV4HINT || needed == PARAM_IPV6HINT) return *ret_length = 0, true;
      }
    }
    if (key != PARAM_IPV4HINT && key != PARAM_IPV6HINT) {
      if (used + length > room) return false;
      memcpy(ret + used, p->message + at, length);
      used += length;
    }
    at += length;
  }
  *ret_length = used;
  return true;
}

bool record_copy(const uint8_t *message, size_t length, size_t at, size_t data_length, uint16_t type, uint8_t *ret, size_t room, size_t *ret_length) {
  struct part part = {message, at, at + data_length};
  if (part.end > length) return false;
  switch (type) {
    case TYPE_A: return copy_bytes(&part, 4, ret, room, ret_length);
    case TYPE_AAAA: return copy_bytes(&part, 16, ret, room, ret_length);
    case TYPE_CNAME:
    case TYPE_PTR: return copy_name(&part, 0, ret, room, ret_length);
    case TYPE_MX: return copy_name(&part, 2, ret, room, ret_length);
    case TYPE_SRV: return copy_name(&part, 6, ret, room, ret_length);
    case TYPE_TXT: return copy_text(&part, ret, room, ret_length);
    case TYPE_SVCB:
    case TYPE_HTTPS: return copy_service(&part, ret, room, ret_length);
    default: return false;
  }
}

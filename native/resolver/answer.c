/* What a box is answered: its question as it was asked, our records, and an OPT record where it sent one. */
#include "resolver.h"

#include <string.h>

enum { HEADER = 12, FIXED = 12 /* of a record: its pointer, type, class, TTL and length */, OPTION_EDE = 15 };

static size_t write_question(const struct asker *asker, const struct name *name, uint16_t type, uint8_t *ret) {
  for (size_t i = 0; i < name->length; i++)
    ret[i] = asker->capitals[i / 8] >> i % 8 & 1 ? (uint8_t)(name->bytes[i] - 32) : name->bytes[i];
  put16(ret + name->length, type);
  put16(ret + name->length + 2, 1);
  return (size_t)name->length + 4;
}

static size_t write_opt(int rcode, int ede, uint8_t *ret) {
  memset(ret, 0, 17);
  put16(ret + 1, TYPE_OPT);
  put16(ret + 3, UDP_ANSWER_MAX);
  ret[5] = (uint8_t)(rcode >> 4);
  if (ede == EDE_NONE) return 11;
  put16(ret + 9, 6);
  put16(ret + 11, OPTION_EDE);
  put16(ret + 13, 2);
  put16(ret + 15, (uint32_t)ede);
  return 17;
}

/* All records of an answer get the least of their lifetimes, less what has passed since. */
static void write_body(const struct body *body, uint8_t *ret) {
  memcpy(ret, body->bytes, body->length);
  for (size_t at = 0; at + FIXED <= body->length; at += FIXED + (size_t)get16(ret + at + 10)) put32(ret + at + 6, body->ttl);
}

/* Returns the answer's length. `room` is at least 512 bytes: what does not fit is left out, and TC says so. */
size_t answer_write(const struct asker *asker, const struct name *name, uint16_t type, int rcode, const struct body *body, int ede,
                    uint8_t *ret, size_t room) {
  bool questioned = type != 0;
  size_t at = HEADER, opt = asker->edns ? 17 : 0;
  memset(ret, 0, HEADER);
  put16(ret, asker->id);
  uint32_t flags = 0x8080u /* QR, RA */ | (asker->recursion ? 0x100u : 0) | (asker->checking_disabled ? 0x10u : 0) | (uint32_t)(rcode & 15);
  if (questioned) {
    put16(ret + 4, 1);
    at += write_question(asker, name, type, ret + at);
  }
  if (body && at + body->length + opt > room) flags |= 0x200u;
  else if (body) {
    put16(ret + 6, body->count);
    write_body(body, ret + at);
    at += body->length;
  }
  put16(ret + 2, flags);
  if (asker->edns) {
    put16(ret + 10, 1);
    at += write_opt(rcode, ede, ret + at);
  }
  return at;
}

size_t body_addresses(const struct body *body, struct address *ret, size_t most) {
  size_t count = 0;
  for (size_t at = 0; at + FIXED <= body->length && count < most;) {
    uint16_t type = get16(body->bytes + at + 2), length = get16(body->bytes + at + 10);
    if (type == TYPE_A || type == TYPE_AAAA) {
      memset(&ret[count], 0, sizeof *ret);
      ret[count].family = type == TYPE_A ? 4 : 6;
      memcpy(ret[count++].bytes, body->bytes + at + FIXED, length);
    }
    at += FIXED + (size_t)length;
  }
  return count;
}

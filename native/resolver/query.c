/* What a box asks: exactly one question of the class IN, and at most one OPT record behind it (RFC 6891), whose options
 * (client subnet, cookies, padding, whatever comes) are read over and go nowhere. */
#include "resolver.h"

#include <string.h>

enum { HEADER = 12, FLAG_QR = 0x8000, OPCODE = 0x7800, FLAG_TC = 0x0200, FLAG_RD = 0x0100, FLAG_CD = 0x0010, CLASS_IN = 1 };

static enum query_result read_opt(const uint8_t *message, size_t length, size_t at, struct query *ret) {
  if (at + 11 > length || message[at] != 0 || get16(message + at + 1) != TYPE_OPT) return QUERY_MALFORMED;
  if (at + 11 + get16(message + at + 9) != length) return QUERY_MALFORMED;
  ret->asker.edns = true;
  ret->asker.size = get16(message + at + 3);
  if (ret->asker.size > UDP_ANSWER_MAX) ret->asker.size = UDP_ANSWER_MAX;
  if (ret->asker.size < 512) ret->asker.size = 512;
  return message[at + 6] == 0 ? QUERY_OK : QUERY_BAD_VERSION;
}

/* Fills what could be read also where it says that the rest is malformed; the caller has set the route. */
enum query_result query_read(const uint8_t *message, size_t length, struct query *ret) {
  struct asker *asker = &ret->asker;
  if (length < HEADER) return QUERY_DROP;
  uint16_t flags = get16(message + 2);
  if (flags & FLAG_QR) return QUERY_DROP; /* an answer to it could go round for ever */
  asker->id = get16(message);
  asker->recursion = flags & FLAG_RD;
  asker->checking_disabled = flags & FLAG_CD;
  asker->edns = false;
  asker->size = 512;
  memset(asker->capitals, 0, sizeof asker->capitals);
  ret->name = (struct name){1, {0}};
  ret->type = 0;
  if (flags & OPCODE) return QUERY_UNKNOWN;
  if ((flags & FLAG_TC) || get16(message + 4) != 1 || get16(message + 6) != 0 || get16(message + 8) != 0 || get16(message + 10) > 1)
    return QUERY_MALFORMED;
  struct name asked;
  size_t at = name_read(message, length, HEADER, false, &asked);
  if (at == 0 || at + 4 > length) return QUERY_MALFORMED;
  name_lower(&asked, &ret->name);
  for (size_t i = 0; i < asked.length; i++)
    if (asked.bytes[i] != ret->name.bytes[i]) asker->capitals[i / 8] |= (uint8_t)(1u << i % 8);
  ret->type = get16(message + at);
  if (ret->type == 0) return QUERY_MALFORMED; /* reserved (RFC 6895, 3.1) */
  bool internet = get16(message + at + 2) == CLASS_IN;
  at += 4;
  if (get16(message + 10) == 1) {
    enum query_result result = read_opt(message, length, at, ret);
    if (result != QUERY_OK) return result;
  } else if (at != length) return QUERY_MALFORMED;
  if (!internet) return QUERY_UNKNOWN;
  return name_is_plain(&asked) ? QUERY_OK : QUERY_MALFORMED;
}

/* Names of the DNS in wire form (RFC 1035, 3.1 and 4.1.4). Knows no socket, so that a fuzzer drives it alone.
 *
 * A compressed name may point only to before where the part that points began: so each name ends, whatever it holds. */
#include "resolver.h"

#include <string.h>

/* Returns where the name ends in the message, 0 where it is none. */
size_t name_read(const uint8_t *message, size_t length, size_t at, bool compressed, struct name *ret) {
  size_t end = 0, limit = at, used = 0;
  for (;;) {
    if (at >= length) return 0;
    uint8_t label = message[at];
    if (label >= 0xc0) {
      if (!compressed || at + 1 >= length) return 0;
      size_t target = (size_t)(label & 0x3f) << 8 | message[at + 1];
      if (end == 0) end = at + 2;
      if (target >= limit) return 0;
      at = limit = target;
      continue;
    }
    if (label > 63 || at + 1 + label > length || used + 1 + label > sizeof ret->bytes) return 0;
    memcpy(ret->bytes + used, message + at, (size_t)label + 1);
    used += (size_t)label + 1;
    at += (size_t)label + 1;
    if (label == 0) break;
  }
  ret->length = (uint8_t)used;
  return end ? end : at;
}

bool name_from_text(const char *text, size_t length, struct name *ret) {
  size_t used = 0;
  if (length > 0 && text[length - 1] == '.') length--;
  while (length > 0) {
    const char *dot = memchr(text, '.', length);
    size_t label = dot ? (size_t)(dot - text) : length;
    if (label == 0 || label > 63 || used + label + 2 > sizeof ret->bytes) return false;
    ret->bytes[used] = (uint8_t)label;
    memcpy(ret->bytes + used + 1, text, label);
    used += label + 1;
    if (dot && length == label + 1) return false;
    length -= label + (dot != NULL);
    text += label + (dot != NULL);
  }
  if (used == 0) return false;
  ret->bytes[used++] = 0;
  ret->length = (uint8_t)used;
  return name_is_plain(ret);
}

static bool is_plain(uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* As text without the last dot, anything but letters, digits, - and _ as \DDD: fit for JSON once \ is doubled. */
size_t name_text(const struct name *name, char *ret, size_t size) {
  size_t used = 0;
  for (size_t at = 0; at < name->length && name->bytes[at] != 0; at += (size_t)name->bytes[at] + 1) {
    if (at > 0 && used + 1 < size) ret[used++] = '.';
    for (size_t i = 1; i <= name->bytes[at] && used + 5 < size; i++) {
      uint8_t c = name->bytes[at + i];
      if (is_plain(c)) ret[used++] = (char)c;
      else {
        char escaped[4] = {'\\', (char)('0' + c / 100), (char)('0' + c / 10 % 10), (char)('0' + c % 10)};
        memcpy(ret + used, escaped, sizeof escaped);
        used += sizeof escaped;
      }
    }
  }
  ret[used] = 0;
  return used;
}

/* Lengths of labels are at most 63 and so never taken for a letter. */
void name_lower(const struct name *name, struct name *ret) {
  ret->length = name->length;
  for (size_t i = 0; i < name->length; i++) {
    uint8_t c = name->bytes[i];
    ret->bytes[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
  }
}

bool name_equal(const struct name *a, const struct name *b) {
  if (a->length != b->length) return false;
  for (size_t i = 0; i < a->length; i++) {
    uint8_t x = a->bytes[i], y = b->bytes[i];
    if (x >= 'A' && x <= 'Z') x = (uint8_t)(x + 32);
    if (y >= 'A' && y <= 'Z') y = (uint8_t)(y + 32);
    if (x != y) return false;
  }
  return true;
}

/* Names of hosts and services: nothing that a program could take for a path, a pattern or an option's value. */
bool name_is_plain(const struct name *name) {
  for (size_t at = 0; at < name->length && name->bytes[at] != 0; at += (size_t)name->bytes[at] + 1)
    for (size_t i = 1; i <= name->bytes[at]; i++)
      if (!is_plain(name->bytes[at + i])) return false;
  return true;
}

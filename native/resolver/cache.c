/* Answers, kept for their TTL at most. Four places for each hash, so that whoever knows the hash can push out answers and
 * nothing else; an answer that is too long for a place is not kept. */
#include "resolver.h"

#include <string.h>

enum { WAYS = 4, SETS = 256, ROOM = 480 };

static struct slot { int64_t ends_ms; uint16_t type, count, length; uint8_t rcode, name_length, bytes[ROOM]; } slots[SETS][WAYS];
static uint64_t seed;

static struct slot *set_of(const struct name *name, uint16_t type) {
  if (seed == 0) seed = (uint64_t)random_number() << 32 | random_number() | 1;
  uint64_t hash = seed ^ type;
  for (size_t i = 0; i < name->length; i++) hash = (hash ^ name->bytes[i]) * 0x100000001b3ull;
  return slots[(hash ^ hash >> 29) % SETS];
}

static bool is_for(const struct slot *slot, const struct name *name, uint16_t type) {
  return slot->type == type && slot->name_length == name->length && memcmp(slot->bytes, name->bytes, name->length) == 0;
}

/* Places never used are no memory, and stay so. */
void cache_clear(void) {
  for (size_t set = 0; set < SETS; set++)
    for (size_t way = 0; way < WAYS; way++)
      if (slots[set][way].ends_ms != 0) slots[set][way].ends_ms = 0;
}

bool cache_get(const struct name *name, uint16_t type, int64_t now_ms, struct body *ret) {
  struct slot *set = set_of(name, type);
  for (size_t way = 0; way < WAYS; way++) {
    struct slot *slot = &set[way];
    /* Less than a second left is 0 for the box; such an answer is asked for anew. */
    if (slot->ends_ms < now_ms + 1000 || !is_for(slot, name, type)) continue;
    ret->rcode = slot->rcode;
    ret->count = slot->count;
    ret->length = slot->length;
    ret->ttl = (uint32_t)((slot->ends_ms - now_ms) / 1000);
    memcpy(ret->bytes, slot->bytes + slot->name_length, slot->length);
    return true;
  }
  return false;
}

void cache_put(const struct name *name, uint16_t type, int64_t now_ms, const struct body *body) {
  if (body->ttl == 0 || (size_t)name->length + body->length > ROOM) return;
  struct slot *set = set_of(name, type), *slot = &set[0];
  for (size_t way = 0; way < WAYS; way++) {
    if (is_for(&set[way], name, type)) { slot = &set[way]; break; }
    if (set[way].ends_ms < slot->ends_ms) slot = &set[way];
  }
  slot->ends_ms = now_ms + (int64_t)body->ttl * 1000;
  slot->type = type;
  slot->count = body->count;
  slot->length = body->length;
  slot->rcode = body->rcode;
  slot->name_length = name->length;
  memcpy(slot->bytes, name->bytes, name->length);
  memcpy(slot->bytes + name->length, body->bytes, body->length);
}

/* What upstream replied. From the answer section only what answers the question is taken: the chain of aliases from the name
 * that was asked for, and the records of the type at its end. It is built anew; nothing else of the reply goes on. */
#include "resolver.h"

#include <string.h>

enum { HEADER = 12, FIXED = 12, FLAG_QR = 0x8000, OPCODE = 0x7800, FLAG_TC = 0x0200 };

struct found { struct name owner; size_t data; uint16_t type, length; uint32_t ttl; bool internet; };

/* Reads the record at `at`; returns where the next one starts, 0 where it is none. */
static size_t read_record(const uint8_t *message, size_t length, size_t at, struct found *ret) {
  at = name_read(message, length, at, true, &ret->owner);
  if (at == 0 || at + 10 > length) return 0;
  ret->type = get16(message + at);
  ret->internet = get16(message + at + 2) == 1;
  ret->ttl = get32(message + at + 4);
  if (ret->ttl > INT32_MAX) ret->ttl = 0; /* RFC 2181, 8 */
  ret->length = get16(message + at + 8);
  ret->data = at + 10;
  return ret->data + ret->length <= length ? ret->data + ret->length : 0;
}

static size_t check_question(const uint8_t *message, size_t length, const struct question *q) {
  struct name name;
  size_t at;
  if (length < HEADER || get16(message) != q->id || (get16(message + 2) & (FLAG_QR | OPCODE)) != FLAG_QR || get16(message + 4) != 1) return 0;
  if ((at = name_read(message, length, HEADER, false, &name)) == 0 || at + 4 > length) return 0;
  if (name.length != q->name.length) return 0;
  if (q->exact_case ? memcmp(name.bytes, q->name.bytes, name.length) != 0 : !name_equal(&name, &q->name)) return 0;
  return get16(message + at) == q->type && get16(message + at + 2) == 1 ? at + 4 : 0;
}

struct work { const uint8_t *message; size_t length, answers, count; struct body *body; bool negative; };

/* Appends a record under the owner that lies at offset `owner` of the answer; false where it is unsound or too much. */
static bool append(struct work *w, const struct found *f, size_t owner) {
  struct body *b = w->body;
  size_t at = b->length, length;
  if (at + FIXED > sizeof b->bytes) return false;
  if (!record_copy(w->message, w->length, f->data, f->length, f->type, b->bytes + at + FIXED, sizeof b->bytes - at - FIXED, &length)) return false;
  if (length == 0) return true;
  put16(b->bytes + at, 0xc000u | (uint32_t)owner);
  put16(b->bytes + at + 2, f->type);
  put16(b->bytes + at + 4, 1);
  put32(b->bytes + at + 6, 0);
  put16(b->bytes + at + 10, (uint32_t)length);
  b->length = (uint16_t)(at + FIXED + length);
  b->count++;
  if (f->ttl < b->ttl) b->ttl = f->ttl;
  return true;
}

/* Appends the records of `owner` that have `type`, at most `most`; -1 where one of them is unsound. */
static int take(struct work *w, const struct name *owner, uint16_t type, size_t at_owner, int most) {
  struct found f;
  int taken = 0;
  for (size_t i = 0, at = w->answers; i < w->count && taken < most; i++) {
    if ((at = read_record(w->message, w->length, at, &f)) == 0) return -1;
    if (f.type != type || !f.internet || !name_equal(&f.owner, owner)) continue;
    if (!append(w, &f, at_owner)) return -1;
    taken++;
  }
  return taken;
}

/* How long "there is none" holds: RFC 2308, 5. Zero where upstream does not say. */
static uint32_t negative_ttl(const uint8_t *message, size_t length, size_t at, size_t count) {
  struct found f;
  for (size_t i = 0; i < count && i < MAX_RECORDS && (at = read_record(message, length, at, &f)) != 0; i++) {
    if (f.type != TYPE_SOA || !f.internet || f.length < 22) continue;
    uint32_t least = get32(message + f.data + f.length - 4);
    if (f.ttl < least) least = f.ttl;
    return least < NEGATIVE_TTL_MAX ? least : NEGATIVE_TTL_MAX;
  }
  return 0;
}

static enum reply_result take_answers(struct work *w, const struct question *q) {
  struct name owner = q->name, next;
  size_t at_owner = HEADER, base = HEADER + (size_t)q->name.length + 4;
  for (int step = 0; q->type != TYPE_CNAME; step++) {
    size_t before = w->body->length;
    int taken = take(w, &owner, TYPE_CNAME, at_owner, 1);
    if (taken < 0 || step > MAX_CHAIN) return REPLY_FAILED;
    if (taken == 0) break;
    at_owner = base + before + FIXED;
    if (name_read(w->body->bytes, w->body->length, before + FIXED, false, &next) == 0) return REPLY_FAILED;
    owner = next;
  }
  int taken = take(w, &owner, q->type, at_owner, MAX_ADDRESSES);
  if (taken < 0) return REPLY_FAILED;
  w->negative = taken == 0;
  return REPLY_OK;
}

enum reply_result reply_read(const uint8_t *message, size_t length, const struct question *question, const struct policy *policy, struct body *ret) {
  size_t answers = check_question(message, length, question);
  if (answers == 0) return REPLY_FOREIGN;
  uint16_t flags = get16(message + 2);
  if (flags & FLAG_TC) return REPLY_TRUNCATED;
  if ((flags & 15) != RCODE_OK && (flags & 15) != RCODE_NAME) return REPLY_FAILED;
  struct work work = {message, length, answers, get16(message + 6), ret, false};
  ret->rcode = flags & 15;
  ret->count = ret->length = 0;
  ret->ttl = UINT32_MAX;
  if (work.count > MAX_RECORDS) return REPLY_FAILED;
  size_t after = answers;
  struct found ignored;
  for (size_t i = 0; i < work.count; i++)
    if ((after = read_record(message, length, after, &ignored)) == 0) return REPLY_FAILED;
  if (take_answers(&work, question) != REPLY_OK) return REPLY_FAILED;
  if (work.negative || ret->count == 0) {
    uint32_t least = negative_ttl(message, length, after, get16(message + 8));
    if (least < ret->ttl) ret->ttl = least;
  }
  if (ret->ttl > TTL_MAX) ret->ttl = TTL_MAX;
  struct address addresses[MAX_ADDRESSES];
  size_t count = body_addresses(ret, addresses, MAX_ADDRESSES);
  struct name name;
  name_lower(&question->name, &name);
  bool inward = count > 0 && policy_judge(policy, &name, question->type).inward;
  for (size_t i = 0; i < count; i++)
    if (policy_refuses_address(policy, &addresses[i], inward)) return REPLY_REBINDING;
  return REPLY_OK;
}

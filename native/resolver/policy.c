/* Which names a box may ask for. Names are found by their suffixes: the hash of a name goes from its last label to its
 * first, so one pass yields the hashes of all of them, and a table of 16,000 names costs a question a look for each label. */
#include "resolver.h"

#include <string.h>

enum { MAX_LABELS = 128 };

static uint32_t hash_label(uint32_t hash, const uint8_t *label) {
  for (size_t i = 0; i <= label[0]; i++) hash = (hash ^ label[i]) * 0x01000193u;
  return hash;
}

static size_t find_labels(const struct name *name, uint8_t *ret) {
  size_t count = 0;
  for (size_t at = 0; at < name->length && name->bytes[at] != 0; at += (size_t)name->bytes[at] + 1) ret[count++] = (uint8_t)at;
  return count;
}

/* The slot of a suffix: where it is, or where it would be put. */
static uint16_t *find_slot(const struct policy *policy, uint32_t hash, const uint8_t *suffix, size_t length) {
  for (uint32_t i = hash ^ hash >> 15;; i++) {
    const uint16_t *slot = &policy->index[i % INDEX_SIZE];
    if (*slot == 0) return (uint16_t *)slot;
    const struct entry *entry = &policy->entries[*slot - 1];
    if (entry->length == length && memcmp(policy->text + entry->at, suffix, length) == 0) return (uint16_t *)slot;
  }
}

/* The entry of a name in lower case; a new one where `add` is given and there is room, NULL otherwise. */
struct entry *policy_entry(struct policy *policy, const struct name *name, bool add) {
  uint8_t labels[MAX_LABELS];
  uint32_t hash = 0x811c9dc5u;
  for (size_t i = find_labels(name, labels); i > 0; i--) hash = hash_label(hash, name->bytes + labels[i - 1]);
  uint16_t *slot = find_slot(policy, hash, name->bytes, name->length);
  if (*slot) return &policy->entries[*slot - 1];
  if (!add || policy->name_count == MAX_NAMES || policy->text_length + name->length > sizeof policy->text) return NULL;
  struct entry *entry = &policy->entries[policy->name_count++];
  *entry = (struct entry){.at = (uint32_t)policy->text_length, .length = name->length};
  memcpy(policy->text + policy->text_length, name->bytes, name->length);
  policy->text_length += name->length;
  *slot = (uint16_t)policy->name_count;
  return entry;
}

struct found { bool denied, inward; uint64_t exact, below; };

static struct found find(const struct policy *policy, const struct name *name) {
  struct found found = {0};
  uint8_t labels[MAX_LABELS];
  uint32_t hash = 0x811c9dc5u;
  for (size_t i = find_labels(name, labels); i > 0; i--) {
    size_t at = labels[i - 1];
    hash = hash_label(hash, name->bytes + at);
    uint16_t slot = *find_slot(policy, hash, name->bytes + at, name->length - at);
    if (slot == 0) continue;
    const struct entry *entry = &policy->entries[slot - 1];
    if (at == 0) found.exact = entry->exact;
    else found.below |= entry->below;
    if (entry->marks & (at == 0 ? DENY_EXACT : DENY_BELOW)) found.denied = true;
    if (entry->marks & (at == 0 ? INWARD_EXACT : INWARD_BELOW)) found.inward = true;
  }
  return found;
}

/* A bit for each type that may be asked for, 0 for the others. */
uint32_t policy_type_bit(uint16_t type) {
  static const uint16_t types[] = {TYPE_A, TYPE_AAAA, TYPE_CNAME, TYPE_HTTPS, TYPE_SVCB, TYPE_MX, TYPE_SRV, TYPE_TXT, TYPE_PTR};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i] == type) return 1u << i;
  return 0;
}

/* Names of the LAN's own addresses would tell what is on it. */
static bool reverse_is_refused(const struct policy *policy, const struct name *name) {
  struct address address;
  bool is_reverse, whole = special_reverse(name, &address, &is_reverse);
  return is_reverse && (!whole || policy_refuses_address(policy, &address, true));
}

/* The first address of a name of ours from number `at` on. */
static const struct host *find_host(const struct policy *policy, const struct name *name, size_t at) {
  for (; at < policy->host_count; at++)
    if (name_equal(&policy->hosts[at].name, name)) return &policy->hosts[at];
  return NULL;
}

/* Names of ours change when boxes come and go. */
enum { HOST_TTL = 5 };

void policy_begin_answer(struct body *ret) {
  ret->rcode = RCODE_OK;
  ret->count = ret->length = 0;
  ret->ttl = HOST_TTL;
}

/* One more address, where it is of the type that was asked for. */
void policy_add_answer(const struct address *address, uint16_t type, struct body *ret) {
  size_t size = address->family == 4 ? 4 : 16;
  if (type != (size == 4 ? TYPE_A : TYPE_AAAA) || ret->count == MAX_ADDRESSES) return;
  uint8_t *at = ret->bytes + ret->length;
  put16(at, 0xc000u | 12 /* the question's name, behind the header */);
  put16(at + 2, type);
  put16(at + 4, 1);
  put32(at + 6, HOST_TTL);
  put16(at + 10, (uint32_t)size);
  memcpy(at + 12, address->bytes, size);
  ret->length = (uint16_t)(ret->length + 12 + size);
  ret->count++;
}

bool policy_answer(const struct policy *policy, const struct name *name, uint16_t type, struct body *ret) {
  const struct host *host = find_host(policy, name, 0);
  if (!host) return false;
  policy_begin_answer(ret);
  for (; host; host = find_host(policy, name, (size_t)(host - policy->hosts) + 1)) policy_add_answer(&host->address, type, ret);
  return true;
}

bool policy_is_host(const struct policy *policy, const struct name *name) { return find_host(policy, name, 0) != NULL; }
bool policy_denies(const struct policy *policy, const struct name *name) { return find(policy, name).denied; }

struct judgement policy_judge(const struct policy *policy, const struct name *name, uint16_t type) {
  struct judgement refused = {0};
  char text[NAME_TEXT_MAX];
  name_text(name, text, sizeof text);
  if (special_is_canary(text)) return (struct judgement){.nameless = true};
  if (find_host(policy, name, 0)) return (struct judgement){.allowed = true};
  if (!(policy->types & policy_type_bit(type)) || reverse_is_refused(policy, name)) return refused;
  struct found found = find(policy, name);
  if (found.denied) return refused;
  if (found.exact) return (struct judgement){.allowed = true, .inward = found.inward, .classes = found.exact | found.below};
  if (!policy->any && special_is_encrypted_dns(text)) return refused;
  if (found.below) return (struct judgement){.allowed = true, .inward = found.inward, .classes = found.below};
  return (struct judgement){.allowed = policy->any && !special_is_local(text)};
}

bool policy_refuses_address(const struct policy *policy, const struct address *address, bool inward) {
  for (size_t i = 0; inward && i < policy->grant_count; i++)
    if (range_has(&policy->grant[i], address)) return false;
  for (size_t i = 0; i < policy->refuse_count; i++)
    if (range_has(&policy->refuse[i], address)) return true;
  return address_is_internal(address);
}

/* Puts the addresses of an answer into the sets of the firewall, and remembers how long each stays there: one that stays long
 * enough costs no message, and a name with a short TTL does not shorten what another name with the same address was promised.
 * What is remembered may be wrong (elements expire, others empty sets, old ones are forgotten): then the kernel's word counts. */
#include "resolver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { WAYS = 4, SETS = 1024, MAX_SET_NAME = 64 };

static struct known { int64_t ends_ms; struct address address; uint8_t class; } table[SETS][WAYS];

void sets_clear(void) {
  for (size_t set = 0; set < SETS; set++)
    for (size_t way = 0; way < WAYS; way++)
      if (table[set][way].ends_ms != 0) table[set][way].ends_ms = 0;
}

static bool is_for(const struct known *known, const struct address *address, uint8_t class) {
  return known->class == class && memcmp(&known->address, address, sizeof *address) == 0;
}

/* The place of an address: its own, or else the one that ends first. */
static struct known *find(const struct address *address, uint8_t class) {
  uint32_t hash = 0x811c9dc5u ^ class;
  for (size_t i = 0; i < sizeof address->bytes; i++) hash = (hash ^ address->bytes[i]) * 0x01000193u;
  struct known *set = table[(hash ^ hash >> 15) % SETS], *oldest = set;
  for (size_t way = 0; way < WAYS; way++) {
    if (is_for(&set[way], address, class)) return &set[way];
    if (set[way].ends_ms < oldest->ends_ms) oldest = &set[way];
  }
  return oldest;
}

static void remember(const struct address *address, uint8_t class, int64_t ends_ms) {
  *find(address, class) = (struct known){ends_ms, *address, class};
}

/* One address, whatever the kernel has of it. */
static int add_alone(int fd, struct set_change change, const struct address *address) {
  change.add = change.remove = address;
  change.add_count = 1;
  for (int attempt = 0; attempt < 3; attempt++) {
    change.remove_count = 0;
    int error = nftset_apply(fd, &change);
    if (error != EEXIST) return error;
    change.remove_count = 1;
    if ((error = nftset_apply(fd, &change)) != ENOENT) return error;
  }
  return EBUSY;
}

/* As kernels before 6.3 need it: what is removed must be there, and what is added must not. */
static int add_guessing(int fd, const struct set_change *change) {
  int error = nftset_apply(fd, change);
  if (error != EEXIST && error != ENOENT) return error;
  for (size_t i = 0; i < change->add_count; i++)
    if ((error = add_alone(fd, *change, &change->add[i])) != 0) return error;
  return 0;
}

/* A transaction that fails holds the caller up for a grace period of RCU (nf_tables_abort), 90 ms have been seen: so one that
 * cannot fail for what is there or not is preferred, and where the kernel has none, that is found out once. */
static int apply(int fd, const struct set_change *change) {
  static bool guess;
  struct set_change sure = *change;
  sure.destroy = true;
  sure.remove = change->add;
  sure.remove_count = change->add_count;
  if (!guess && nftset_apply(fd, &sure) == 0) return 0;
  int error = add_guessing(fd, change);
  if (error == 0) guess = true;
  return error;
}

static bool add_to_set(const struct set_names *names, const char *set, uint8_t class, const struct address *addresses, size_t count,
                       int64_t timeout_ms, int64_t now_ms) {
  struct address add[MAX_ADDRESSES], remove[MAX_ADDRESSES];
  struct set_change change = {.table = names->table, .set = set, .add = add, .remove = remove, .timeout_ms = (uint64_t)timeout_ms};
  for (size_t i = 0; i < count; i++) {
    const struct known *known = find(&addresses[i], class);
    bool ours = known->ends_ms > now_ms && is_for(known, &addresses[i], class), twice = false;
    /* An element that lives at least as long as the answer needs no new one: what is lost then is of the grace. */
    if (ours && known->ends_ms >= now_ms + timeout_ms - SET_GRACE * 500) continue;
    for (size_t k = 0; k < change.add_count; k++) twice |= memcmp(&add[k], &addresses[i], sizeof *add) == 0;
    if (twice) continue;
    if (ours) remove[change.remove_count++] = addresses[i];
    add[change.add_count++] = addresses[i];
  }
  if (change.add_count == 0) return true;
  if (apply(names->fd, &change) != 0) return false;
  for (size_t i = 0; i < change.add_count; i++) remember(&add[i], class, now_ms + timeout_ms);
  return true;
}

/* True when every address is in the sets of all classes, for the TTL (seconds) at least. */
bool sets_add(const struct set_names *names, uint64_t classes, const struct address *addresses, size_t count, uint32_t ttl, int64_t now_ms) {
  for (uint8_t family = 4; family <= 6; family += 2) {
    struct address mine[MAX_ADDRESSES];
    size_t mine_count = 0;
    for (size_t i = 0; i < count && i < MAX_ADDRESSES; i++)
      if (addresses[i].family == family) mine[mine_count++] = addresses[i];
    for (uint8_t class = 0; class < CLASSES && mine_count > 0; class++) {
      char set[MAX_SET_NAME];
      if (!(classes >> class & 1)) continue;
      const char *name = family == 4 ? names->set4 : names->set6;
      int length = class == 0 ? snprintf(set, sizeof set, "%s", name) : snprintf(set, sizeof set, "%s_%d", name, class);
      if (length < 0 || length >= MAX_SET_NAME) return false;
      if (!add_to_set(names, set, class, mine, mine_count, ((int64_t)ttl + SET_GRACE) * 1000, now_ms)) return false;
    }
  }
  return true;
}

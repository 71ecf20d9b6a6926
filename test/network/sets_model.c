/* Drives native/resolver/sets.c against a model of the kernel's sets: `sets_model STEPS SEED`. A real kernel is only ever of one
 * version; the model is one of before 6.3 (no removal of what is not there, and what is there already is not added), one of now,
 * and one that refuses at times.
 *
 * Claim: whenever an answer is let through, each of its addresses stays in each of its sets for the TTL at least, also where
 * somebody has emptied the sets and said so, has put an element there, or elements have expired. */
#include "../../native/resolver/resolver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESSES = 40, SETS = 4 };
static const char *const set_names[SETS] = {"allowed4", "allowed6", "allowed4_5", "allowed6_5"};
static int64_t now_ms, ends_ms[SETS][ADDRESSES];
static bool old_kernel, refuses;
static size_t transactions, failures;
static uint64_t state;

static uint64_t below(uint64_t most) {
  state ^= state << 13;
  state ^= state >> 7;
  return (state ^= state << 17) % most;
}

static void claim(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "broken claim: %s\n", what);
  abort();
}

/* Instead of nftset.c. A transaction that fails changes nothing. */
int nftset_apply(int fd, const struct set_change *change) {
  int64_t after[ADDRESSES];
  size_t set = 0;
  (void)fd;
  transactions++;
  while (set < SETS && strcmp(set_names[set], change->set) != 0) set++;
  claim(set < SETS, "the name of a set is one");
  memcpy(after, ends_ms[set], sizeof after);
  if (refuses) return failures++, ENFILE;
  if (change->destroy && old_kernel) return failures++, EINVAL;
  for (size_t i = 0; i < change->remove_count; i++) {
    uint8_t number = change->remove[i].bytes[3];
    if (after[number] <= now_ms && !change->destroy) return failures++, ENOENT;
    after[number] = 0;
  }
  for (size_t i = 0; i < change->add_count; i++) {
    uint8_t number = change->add[i].bytes[3];
    claim(change->add[i].family == (set % 2 ? 6 : 4), "an address goes into a set of its family");
    if (after[number] > now_ms) return failures++, EEXIST;
    after[number] = now_ms + (int64_t)change->timeout_ms;
  }
  memcpy(ends_ms[set], after, sizeof after);
  return 0;
}

static void step(const struct set_names *names, size_t *let_through) {
  struct address addresses[8];
  size_t count = 1 + below(8);
  uint64_t classes = (uint64_t[]){1, 1ull << 5, 1 | 1ull << 5}[below(3)];
  uint32_t ttl = (uint32_t)below(100);
  now_ms += (int64_t)below(20000);
  if (below(20) == 0) {
    memset(ends_ms, 0, sizeof ends_ms);
    sets_clear();
  }
  int64_t *one = &ends_ms[below(SETS)][below(ADDRESSES)];
  if (below(20) == 0 && *one <= now_ms) *one = now_ms + 5000;
  if (below(30) == 0) sets_clear();
  refuses = below(50) == 0;
  for (size_t i = 0; i < count; i++) addresses[i] = (struct address){below(2) ? 4 : 6, {9, 9, 9, (uint8_t)below(ADDRESSES)}};
  if (!sets_add(names, classes, addresses, count, ttl, now_ms)) return claim(refuses, "only a refusal closes");
  (*let_through)++;
  for (size_t i = 0; i < count; i++)
    for (size_t set = addresses[i].family == 4 ? 0 : 1; set < SETS; set += 2)
      if (classes >> (set < 2 ? 0 : 5) & 1)
        claim(ends_ms[set][addresses[i].bytes[3]] >= now_ms + ttl * 1000ll, "an address stays for the TTL at least");
}

int main(int argc, char **argv) {
  size_t steps = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, let_through = 0;
  const struct set_names names = {"glovebox", "allowed4", "allowed6", -1};
  state = (argc > 2 ? strtoull(argv[2], NULL, 10) : 1) * 0x9e3779b97f4a7c15 + 1;
  old_kernel = argc > 3;
  for (size_t i = 0; i < steps; i++) step(&names, &let_through);
  printf("%zu steps, %zu let through, %zu transactions, %zu failures\n", steps, let_through, transactions, failures);
  return 0;
}

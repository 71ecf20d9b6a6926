/* What the fuzzers share: random numbers of a seed (xorshift64), and claims that end the program when they are broken. */
#ifndef GLOVEBOX_FUZZ_H
#define GLOVEBOX_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state; /* the seed, at first */
static uint64_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}
static uint64_t below(uint64_t most) { return next_random() % most; }

static void claim(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "broken claim: %s\n", what);
  abort();
}

#endif

/* Work of the processor and its memory alone, which asks the kernel for nothing while it is timed. Floating point is IEEE 754's in
 * the order in which it is written: no fused operation (gcc has none under -std=c11; clang obeys the pragma, which gcc does not know),
 * and no function of a C library, so that every machine ends with the same bits. */
#include "price.h"

#include <sys/mman.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

enum { NUMBERS = 1000000, STEPS = 10000, BODIES = 5, COPIED = 32 << 20, PAGE = 4096 };

static int64_t integers(void *own) {
  uint64_t state = 88172645463325252u, sum = 0;
  (void)own;
  for (int i = 0; i < NUMBERS; i++) sum += price_random(&state);
  return price_check(sum);
}

static int run_integer(int argc, char **argv) { return argc == 1 ? price_run(argv[0], integers, NULL) : 2; }

struct body {
  double mass, at[3], speed[3];
};

/* A sun and four that go around it: distances in the sun's to the first, and the masses large enough to be felt. */
static const struct body sky[BODIES] = {
    {40.0, {0, 0, 0}, {0, 0, 0}},
    {0.040, {5.0, -1.25, -0.125}, {0.625, 2.8125, -0.03125}},
    {0.012, {8.5, 4.25, -0.4375}, {-1.0, 1.8125, 0.0078125}},
    {0.0017, {12.75, -15.125, -0.25}, {1.09375, 0.875, -0.0107421875}},
    {0.0020, {15.375, -26.0, 0.1875}, {0.984375, 0.59375, -0.03125}},
};

/* By Newton from a first guess of the bits; the range is that of distances here, far from 0 and infinity. */
static double inverse_root(double x) {
  uint64_t bits;
  double guess;
  memcpy(&bits, &x, sizeof bits);
  bits = UINT64_C(0x5fe6eb50c7b537a9) - (bits >> 1);
  memcpy(&guess, &bits, sizeof guess);
  for (int i = 0; i < 4; i++) guess = guess * (1.5 - 0.5 * x * guess * guess);
  return guess;
}

/* Returns the square of the distance. */
static double distance(const struct body *a, const struct body *b, double ret_way[3]) {
  for (int i = 0; i < 3; i++) ret_way[i] = a->at[i] - b->at[i];
  return ret_way[0] * ret_way[0] + ret_way[1] * ret_way[1] + ret_way[2] * ret_way[2];
}

static void step(struct body bodies[BODIES], double time) {
  for (struct body *a = bodies; a < bodies + BODIES; a++)
    for (struct body *b = a + 1; b < bodies + BODIES; b++) {
      double way[3], square = distance(a, b, way), pull = time * inverse_root(square) / square;
      for (int i = 0; i < 3; i++) {
        a->speed[i] -= way[i] * b->mass * pull;
        b->speed[i] += way[i] * a->mass * pull;
      }
    }
  for (struct body *a = bodies; a < bodies + BODIES; a++)
    for (int i = 0; i < 3; i++) a->at[i] += time * a->speed[i];
}

static double energy(const struct body bodies[BODIES]) {
  double sum = 0, way[3];
  for (const struct body *a = bodies; a < bodies + BODIES; a++) {
    sum += 0.5 * a->mass * (a->speed[0] * a->speed[0] + a->speed[1] * a->speed[1] + a->speed[2] * a->speed[2]);
    for (const struct body *b = a + 1; b < bodies + BODIES; b++) sum -= a->mass * b->mass * inverse_root(distance(a, b, way));
  }
  return sum;
}

static int64_t floats(void *own) {
  struct body bodies[BODIES];
  uint64_t bits;
  (void)own;
  memcpy(bodies, sky, sizeof bodies);
  for (int i = 0; i < STEPS; i++) step(bodies, 0.01);
  double whole = energy(bodies);
  memcpy(&bits, &whole, sizeof bits);
  return price_check(bits);
}

static int run_float(int argc, char **argv) { return argc == 1 ? price_run(argv[0], floats, NULL) : 2; }

/* `own`: what is copied, and behind it where to. The copy's pages are spoiled first, so that a batch finds only what it has copied. */
static int64_t copies(void *own) {
  unsigned char *from = own, *to = from + COPIED;
  uint64_t sum = 0;
  for (size_t at = 0; at < COPIED; at += PAGE) memset(to + at, 0, sizeof sum);
  memcpy(to, from, COPIED);
  for (size_t at = 0; at < COPIED; at += PAGE) sum += price_sum(to + at, sizeof sum);
  return price_check(sum);
}

static int run_bandwidth(int argc, char **argv) {
  if (argc != 1) return 2;
  void *both = mmap(NULL, 2 * (size_t)COPIED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (both == MAP_FAILED) return refused();
  price_fill(both, 2 * (size_t)COPIED, 1); /* also the copy's pages, whose first touch is another workload's */
  int code = price_run(argv[0], copies, both);
  munmap(both, 2 * (size_t)COPIED);
  return code;
}

const struct verb price_processor_verbs[] = {
    {"price-integer", run_integer}, {"price-float", run_float}, {"price-bandwidth", run_bandwidth}, {NULL, NULL}};

/* How fast this processor's time stamp counter ticks.
 *
 * An emulated machine reads the host's counter, and its kernel must know the rate: measuring it against an emulated
 * timer fails at times and hangs the boot (docs/performance.md), and a wrong rate is a clock that goes wrong. So it
 * is measured here, against the host's clock, and handed in (tsc_early_khz, kernel-parameters.txt). */
#include "guest.h"
#include "host_clock.h"

#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>

enum { MEASURED_NS = 3000000, TRIES = 8 };
struct sample { uint64_t ticks; int64_t ns; };

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Both at one moment: the try that was interrupted the least. */
static struct sample sample(void) {
  struct sample best = {0, 0};
  uint64_t least = UINT64_MAX;
  for (int i = 0; i < TRIES; i++) {
    uint64_t before = __rdtsc();
    int64_t ns = now_ns();
    uint64_t after = __rdtsc();
    if (after - before >= least) continue;
    least = after - before;
    best = (struct sample){before + (after - before) / 2, ns};
  }
  return best;
}

uint32_t tsc_khz(void) {
  struct sample from = sample();
  while (now_ns() - from.ns < MEASURED_NS) continue;
  struct sample to = sample();
  return (uint32_t)((to.ticks - from.ticks) * 1000000 / (uint64_t)(to.ns - from.ns));
}
#else
uint32_t tsc_khz(void) { return 0; }
#endif

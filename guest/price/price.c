/* The workloads of the price: what a technology makes of plain work.
 *
 * Theory of operation
 *
 * The outer half (src/price) asks this program, the same file on the bare host and in every box, for one verb at a time:
 *
 *   price-VERB MILLISECONDS [WORD…]
 *
 * A verb repeats one batch of fixed work for so long and tells how many there were, how long they took, and a checksum of what they
 * did. Time is taken here, so that asking and answering are in no figure; the outer half compares this clock with its own, and
 * believes neither a clock that runs otherwise nor a checksum that the bare host did not have. `price-empty` has a batch that does
 * nothing: what is left is the disturbance by measuring.
 */
#include "price.h"

#include <time.h>

enum { MOST_MS = 60000 };

int64_t price_clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int price_run(const char *milliseconds, batch_function *batch, void *own) {
  char *rest;
  long most = strtol(milliseconds, &rest, 10);
  if (*rest || most < 1 || most > MOST_MS) return 2;
  int64_t start = price_clock_ns(), now = start, end = start + most * INT64_C(1000000), check = 0;
  long batches = 0;
  do {
    errno = 0;
    int64_t done = batch(own);
    if (done < 0) return refused();
    if (batches++ > 0 && done != check) {
      tell("batch %ld did %lld, those before it %lld", batches, (long long)done, (long long)check);
      return 1;
    }
    check = done;
    now = price_clock_ns();
  } while (now < end);
  tell("batches %ld ns %lld check %lld", batches, (long long)(now - start), (long long)check);
  return 0;
}

static int64_t nothing(void *own) {
  (void)own;
  return 0;
}

static int run_empty(int argc, char **argv) {
  return argc == 1 ? price_run(argv[0], nothing, NULL) : 2;
}

static int run_clock(int argc, char **argv) {
  (void)argc, (void)argv;
  tell("ns %lld", (long long)price_clock_ns());
  return 0;
}

const struct verb price_verbs[] = {{"price-empty", run_empty}, {"price-clock", run_clock}, {NULL, NULL}};

/* What the parts of the price's workloads share; the theory of operation heads price.c. */
#ifndef GLOVEBOX_PRICE_H
#define GLOVEBOX_PRICE_H

#include "../probe/probe.h"

/* One batch of a workload: fixed work on fixed input. Returns a checksum of what it did, the same for every batch of one call on every
 * machine, or sets errno and returns < 0. */
typedef int64_t batch_function(void *own);

/* Repeats batches until `milliseconds` (a word, 1 to 60000) are over, at least one, and tells
 *   batches N ns T check C
 * T counts by CLOCK_MONOTONIC (clock_gettime(2)) from before the first batch to after the last one. Returns the verb's exit code: 1
 * where a batch failed, which is told as `errno N TEXT`, or did not do what the one before did. */
int price_run(const char *milliseconds, batch_function *batch, void *own);

/* A table each for price.c, processor.c, kernel.c, files.c, network.c and neighbours.c. */
extern const struct verb price_verbs[], price_processor_verbs[], price_kernel_verbs[], price_files_verbs[], price_network_verbs[],
    price_neighbour_verbs[];

/* Nanoseconds of a clock that only goes forward. */
int64_t price_clock_ns(void);

#endif

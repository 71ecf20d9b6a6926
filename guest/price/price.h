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

/* A table each for price.c, processor.c, kernel.c, files.c, network.c, neighbours.c, host.c and root.c. */
extern const struct verb price_verbs[], price_processor_verbs[], price_kernel_verbs[], price_files_verbs[], price_network_verbs[],
    price_neighbour_verbs[], price_host_verbs[], price_root_verbs[];

/* bytes.c: the input, the same everywhere, and what was made of it. */
/* The next number of xorshift64* (Vigna 2016, "An experimental exploration of Marsaglia's xorshift generators"); *state is never 0. */
uint64_t price_random(uint64_t *state);
/* Noise: file systems that compress would store zeros for nothing. The same bytes for the same seed; `length` in whole words of 8. */
void price_fill(void *bytes, size_t length, uint64_t seed);
/* The sum of the bytes, which nobody has who has not read them all. */
uint64_t price_sum(const void *bytes, size_t length);
/* A checksum as a batch returns it. */
static inline int64_t price_check(uint64_t sum) { return (int64_t)(sum & INT64_MAX); }
/* All of it, whatever interrupts; false with errno, where the other side has ended EPIPE. SIGPIPE has to be ignored. */
bool price_read_whole(int fd, void *ret_bytes, size_t length);
bool price_write_whole(int fd, const void *bytes, size_t length);

/* network_serve.c: the other end of network.c */
int price_serve(int argc, char **argv);
/* Bytes of a connection of kind 's' to each answer of their sum. */
enum { PRICE_BLOCK = 4 << 20 };

/* Nanoseconds of a clock that only goes forward. */
int64_t price_clock_ns(void);

#endif

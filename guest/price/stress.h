/* What the bombs next door share; the theory of operation heads stress.c. */
#ifndef GLOVEBOX_PRICE_STRESS_H
#define GLOVEBOX_PRICE_STRESS_H

#include "price.h"

#include <stdatomic.h>
#include <sys/types.h>

enum { STRESS_WORKERS = 8, STRESS_AMOUNT = 512 };

/* What all workers of a bomb have done, in memory that they share. */
struct stress_count {
  atomic_long did;                   /* units of work: what is told */
  atomic_long holds[STRESS_WORKERS]; /* processes or MiB that each holds now */
  atomic_long most;                  /* the most that was held at once */
  atomic_bool high;                  /* a worker is at its height */
  atomic_int failed;                 /* errno of a worker that could not go on */
};

/* What one worker is given. */
struct stress {
  struct stress_count *count;
  int worker, workers;
  long amount; /* this worker's share of MiB or of processes */
  char **folders;
  int sockets[STRESS_WORKERS]; /* of UDP, one for each pair of workers, bound to the loopback */
};

/* One kind of bomb: what a worker does until it is killed. It returns only where it cannot: an errno that says why. */
struct stress_kind {
  const char *name, *unit;
  int (*work)(const struct stress *stress);
};

/* One more unit is done; this worker holds so many more, or less. */
void stress_did(const struct stress *stress);
void stress_holds(const struct stress *stress, long more);
/* It has all that it may have, or is to have: from now on the neighbour is hurt by as much as it can be. */
void stress_high(const struct stress *stress);
/* A child that ends with this process, however that ends; -1 with errno. */
pid_t stress_child(void);

/* stress_kinds.c, closed by an empty name. */
extern const struct stress_kind stress_kinds[];

int run_stress(int argc, char **argv);

#endif

/* What the parts of the persistence group share. */
#ifndef GLOVEBOX_PROBE_PERSISTENCE_H
#define GLOVEBOX_PROBE_PERSISTENCE_H

#include "probe.h"

/* persistence_memory.c */
int run_left_shm(int argc, char **argv), run_left_shm_read(int argc, char **argv), run_left_shm_remove(int argc, char **argv);
int run_left_key(int argc, char **argv), run_left_key_find(int argc, char **argv), run_left_ring(int argc, char **argv),
    run_left_in_ring(int argc, char **argv);
/* persistence_objects.c */
int run_left_objects(int argc, char **argv), run_left_objects_remove(int argc, char **argv);

#endif

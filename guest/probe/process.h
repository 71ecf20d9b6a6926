/* Verbs of processes and of inter-process communication; process.c has their table. */
#ifndef GLOVEBOX_PROBE_PROCESS_H
#define GLOVEBOX_PROBE_PROCESS_H

#include "probe.h"

typedef int verb_function(int argc, char **argv);

/* process.c: tells a file, NULs as spaces, at most 64 KiB of it. */
bool tell_text(const char *path);
/* process_ipc.c: what is asked inside. */
verb_function run_shm_read, run_msg_receive, run_mqueue_receive, run_key_read, run_connect_abstract, run_call_daemon;
/* process_witness.c: the outer half, on the host. */
verb_function run_witness_signals, run_witness_memory, run_witness_open;
/* process_objects.c: the outer half, which keeps kernel objects. */
verb_function run_witness_shm, run_witness_msg, run_witness_mqueue, run_witness_key, run_with_key;
/* Reads the one line by which a witness is given its nonce: never in its arguments, where the box might see it. */
bool read_nonce(char *ret_nonce, size_t size);

#endif

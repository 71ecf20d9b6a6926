/* Verbs of what tells one machine from another; identity.c has their table. */
#ifndef GLOVEBOX_PROBE_IDENTITY_H
#define GLOVEBOX_PROBE_IDENTITY_H

#include "probe.h"

#include "process.h"

/* identity_machine.c: hardware, network and clocks. */
verb_function run_network, run_cpu, run_clocks, run_clock_error;
/* identity_covert.c: the two ends of channels between boxes. */
verb_function run_send_cpu, run_hear_cpu, run_send_crowd, run_hear_crowd;
/* identity_scene.c: the outer half: namespaces of the host in which a sandbox is then started. */
verb_function run_with_host_name, run_with_mount, run_with_network, run_beside;

#endif

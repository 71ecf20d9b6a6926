/* Virtual machines: what a guest finds of its host. Most of it takes a guest's root; src/exam/guest-place.ts starts one. */
#include "probe.h"
#include "../host_clock.h"
#include "machine.h"
#include "snapshot.h"

#include <signal.h>
#include <time.h>

/* Rate of the processor's counter in kHz, for a guest's kernel. */
static int run_counter(int argc, char **argv) {
  (void)argc, (void)argv;
  tell("%u", tsc_khz());
  return 0;
}

/* Ends the program that serves: how it looks from outside when a whole sandbox falls. */
static int run_end_server(int argc, char **argv) {
  (void)argc, (void)argv;
  return kill(getppid(), SIGABRT) < 0 ? refused() : 0;
}

const struct verb machine_verbs[] = {{"counter", run_counter},
                                     {"end-server", run_end_server},
                                     {"guest-first", run_guest_first},
                                     {"power-off", run_power_off},
                                     {"list-devices", run_list_devices},
                                     {"mount-read", run_mount_read},
                                     {"fw-cfg", run_fw_cfg},
                                     {"backdoor", run_backdoor},
                                     {"fuzz-ports", run_fuzz_ports},
                                     {"nested", run_nested},
                                     {"vsock-listen", run_vsock_listen},
                                     {"vsock-say", run_vsock_say},
                                     {"kvm-machine", run_kvm_machine},
                                     {"draw", run_draw},
                                     {"naive-clones", run_naive_clones},
                                     {"clock", run_clock},
                                     {NULL, NULL}};

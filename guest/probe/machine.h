/* What the parts of the machine's group share. */
#ifndef GLOVEBOX_PROBE_MACHINE_H
#define GLOVEBOX_PROBE_MACHINE_H

/* machine_guest.c: the first process of a guest, and what only that can ask. */
int run_guest_first(int argc, char **argv);
int run_power_off(int argc, char **argv);
int run_list_devices(int argc, char **argv);
int run_mount_read(int argc, char **argv);
/* machine_ports.c: ports of a PC. */
int run_fw_cfg(int argc, char **argv);
int run_backdoor(int argc, char **argv);
int run_fuzz_ports(int argc, char **argv);
int run_nested(int argc, char **argv);
/* machine_vsock.c: sockets between a guest and its host. */
int run_vsock_listen(int argc, char **argv);
int run_vsock_say(int argc, char **argv);
int run_kvm_machine(int argc, char **argv);

#endif

/* Shared by the parts of the server in a guest (serve*.c). */
#ifndef GLOVEBOX_SERVE_H
#define GLOVEBOX_SERVE_H

#include "wire.h"

/* This program, inside the image. */
#define GUEST_PROGRAM "/run/glovebox/guest"

/* What the monitor says of this guest; strings of the frame WIRE_SETUP, which must outlive this. */
struct setup {
  const char *hostname, *hosts, *resolv_conf, *machine_id;
  const char *network;            /* network.c; empty for none */
  const char *home;               /* where the kept home folder goes; empty for none */
  uint32_t uid, gid;              /* of the box's user, for /run/user */
  uint64_t shared_bytes;          /* size of /dev/shm */
  int64_t time_ns;                /* the time, since 1970 */
  unsigned char seed[32];
  bool kept;                      /* the disk outlives this guest: its writes are flushed at the end */
};
/* False for a document that is not one. */
bool setup_parse(struct setup *ret, char *text, size_t length);

/* serve_root.c: from the initramfs into the image. Dies with a reason where it cannot. */
void serve_load_modules(void);
void serve_enter_root(void);
/* Does as much for a box that is likely to come as can be mended where it comes otherwise. */
void serve_expect(const struct setup *setup);
void mount_or_die(const char *what, const char *where, const char *type, unsigned long flags, const char *data);
const char *find_disk(int n);
/* Makes this guest the one that it is to be: until then all guests of an image are the same. */
void serve_become(const struct setup *setup);
/* For the first process of the box's pid namespace: what shows processes and what of it is hidden. */
void serve_mount_proc(void);

/* What the box has written (overlayfs' upper folder), the whole of what it sees without its mounts, and the kept home
 * folder, of a disk of its own where there is one. */
extern int serve_upper, serve_whole, serve_home;

/* network.c: while /proc/sys can be written. */
void network_prepare(void);

/* network.c: the words ADDRESS BITS GATEWAY of IPv4, the same of IPv6, and MTU. Dies where it cannot. */
void network_configure(const char *words);

/* serve_files.c: while the disks are in sight; and once the box is known. */
void serve_open_files(void);
void serve_mount_home(const struct setup *setup);

/* serve_read.c: for a child of the server, which has all rights in the guest. Writes to stdout; the exit code says
 * whether it was all. */
int serve_read(enum wire_read what);

/* serve_launch.c */
struct launched {
  pid_t pid;
  int in, out, err; /* our ends, which do not block; for a terminal `in` and `out` are its master, `err` is -1 */
};
/* Starts a command as `payload` has it (struct wire_command and strings); false for one that is not well formed. */
/* The box's first process, ahead of its command: for a machine that is about to be kept. */
void serve_launch_ahead(void);
bool serve_launch(const unsigned char *payload, size_t length, struct launched *ret);

#endif

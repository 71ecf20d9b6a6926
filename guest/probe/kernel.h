/* What the parts of the kernel group share; the theory of operation heads kernel.c. */
#ifndef GLOVEBOX_PROBE_KERNEL_H
#define GLOVEBOX_PROBE_KERNEL_H

#include "probe.h"

enum {
  MARK_FD = 777,  /* every marked process has this descriptor: whoever sees it outside sees the others, too */
  MOST_MARK = 15, /* TASK_COMM_LEN less its end (prctl(2) PR_SET_NAME) */
};

/* One kind of object. `make` leaves it in this process, and returns less than 0 with errno where it is refused. */
struct kind {
  const char *name;
  int (*make)(int argc, char **argv);
  /* Namespaces that are made first, with a user namespace of their own where that is needed; 0 for none. */
  int within;
  /* Without them first, and in them only where that is refused. */
  bool plainly_first;
};

/* kernel_objects.c, kernel_sockets.c and kernel_doors.c; each closed by an empty name */
extern const struct kind object_kinds[], socket_kinds[], door_kinds[];

/* kernel_tables.c: nftables of the network namespace that this process is in */
int make_table(int argc, char **argv);
bool has_table(const char *name);

/* kernel_mounts.c: a new filesystem of this type that is mounted nowhere, or its context where `mounted` is false */
int detached(const char *type, const char *option, const char *value, bool mounted);

/* kernel_look.c: the outer half's eyes */
int run_look(int argc, char **argv);
/* kernel_read.c */
int run_log(int argc, char **argv), run_symbols(int argc, char **argv), run_setting(int argc, char **argv);

#endif

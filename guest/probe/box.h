/* Types and functions of the reference box; the theory of operation heads box.c. */
#ifndef GLOVEBOX_PROBE_BOX_H
#define GLOVEBOX_PROBE_BOX_H

#include "probe.h"

#include <stdbool.h>

/* A wall each; src/exam/types.ts has the same names. */
enum hole {
  HOLE_FILES,
  HOLE_PID,
  HOLE_IPC,
  HOLE_UTS,
  HOLE_NET,
  HOLE_CGROUP,
  HOLE_USER,
  HOLE_CALLS,
  HOLE_KEYRING,
  HOLE_TERMINAL,
  HOLE_DESCRIPTORS,
  HOLE_ENVIRONMENT,
  HOLE_FOLDER,
  HOLE_DEVICES,
  HOLES
};

/* box_root.c: the mounts. `program` stays where it is. */
int box_root(const bool open[HOLES], const char *program);
/* box_filter.c: the filter of system calls. */
int box_filter(void);

#endif

/* The few words that the monitor has with QEMU's own control socket (QMP): keep this machine's memory, or go on from
 * a kept one. The socket is closed behind them, so no monitor of QEMU is reachable while a box's command runs. */
#ifndef GLOVEBOX_QMP_H
#define GLOVEBOX_QMP_H

#include <stdbool.h>
#include <stddef.h>

enum qmp_act { QMP_NONE, QMP_SAVE, QMP_RESUME };
enum { QMP_LINE_MAX = 8192 };

struct qmp {
  enum qmp_act act;
  int listener, fd; /* -1: none */
  size_t step;      /* commands that were answered */
  bool greeted, may_start, done;
  char line[QMP_LINE_MAX];
  size_t have;
};

/* Listens where QEMU is told to connect to; nothing for QMP_NONE. */
void qmp_init(struct qmp *q, enum qmp_act act);
/* What to wait for: a descriptor or -1. */
int qmp_watch(const struct qmp *q);
/* Goes as far as there is something to read; dies with QEMU's words where it refuses. */
void qmp_pump(struct qmp *q);
/* The guest is where its memory is to be kept. */
void qmp_start(struct qmp *q);

#endif

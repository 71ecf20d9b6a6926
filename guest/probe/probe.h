/* What the parts of the exam's inside half share; the theory of operation heads probe.c. */
#ifndef GLOVEBOX_PROBE_H
#define GLOVEBOX_PROBE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One thing that a probe can do. argv[0] is the first word behind the verb; argv[argc] is NULL. */
struct verb {
  const char *name;
  int (*run)(int argc, char **argv);
};

/* A group's verbs, each table closed by {NULL, NULL}. */
extern const struct verb files_verbs[], process_verbs[], kernel_verbs[], identity_verbs[], terminal_verbs[], desktop_verbs[],
    network_verbs[], exhaustion_verbs[], persistence_verbs[], machine_verbs[], own_verbs[];

/* One line of the answer; flushed at once, so that what is told stays told when the kernel ends this process. */
void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The errno that says why, as `errno N words`; returns 1, the exit code of what was refused. For people: never what decides. */
int refused(void);
/* Waits until whoever asked lets go: objects that were made live until then. */
void hold(void);
/* Whether standard input has ended, without waiting. */
bool let_go(void);

/* serve.c: answers requests from standard input until it ends. */
int probe_serve(void);
/* probe.c: runs one verb in this process; 2 where nobody knows it. */
int probe_verb(int argc, char **argv);
/* pty.c: the outer half of terminals, on the host: runs [--type=TEXT] -- COMMAND… on a pseudo-terminal of its own. */
int probe_terminal(char **words);
/* box.c: the reference box, for controls. */
int probe_box(int argc, char **argv);

#endif

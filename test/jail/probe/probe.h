/* One program for every box and for the host: what it does without a jail is the control of what it is refused in one.
 * It prints `ok` or `errno NUMBER` in its last line, so that the test, and not the probe, decides what that means. */
#ifndef PROBE_H
#define PROBE_H
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int probe_call(int argc, char **argv);
int probe_ipc(int argc, char **argv);
int probe_socket(int argc, char **argv);
int probe_use(int argc, char **argv);
int probe_terminal(int argc, char **argv);

/* Prints what came of a call; 0 or more is success. */
int probe_say(long result);

#endif

/* What the parts of the exhaustion group share. */
#ifndef GLOVEBOX_PROBE_EXHAUSTION_H
#define GLOVEBOX_PROBE_EXHAUSTION_H

#include <stdbool.h>

/* exhaustion_fill.c */
/* A new file of the folder without a name; < 0 with errno where there is none to be had. */
int exhaustion_nameless(const char *folder);
/* Writes 1 MiB of noise where the file is at; false where less of it went in. */
bool exhaustion_write_mib(int fd);
int run_bomb_fill(int argc, char **argv);
int run_bomb_files(int argc, char **argv);
int run_bomb_io(int argc, char **argv);
/* exhaustion_open.c */
int run_bomb_open(int argc, char **argv);
int run_bomb_send(int argc, char **argv);

#endif

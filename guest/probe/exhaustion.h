/* What the parts of the exhaustion group share. */
#ifndef GLOVEBOX_PROBE_EXHAUSTION_H
#define GLOVEBOX_PROBE_EXHAUSTION_H

/* exhaustion_fill.c */
int run_bomb_fill(int argc, char **argv);
int run_bomb_files(int argc, char **argv);
int run_bomb_io(int argc, char **argv);
/* exhaustion_open.c */
int run_bomb_open(int argc, char **argv);
int run_bomb_send(int argc, char **argv);

#endif

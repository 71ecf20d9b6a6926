/* machine_clone.c: what tells copies of one program or one machine apart. */
#ifndef GLOVEBOX_PROBE_SNAPSHOT_H
#define GLOVEBOX_PROBE_SNAPSHOT_H

int run_draw(int argc, char **argv);
int run_naive_clones(int argc, char **argv);
int run_clock(int argc, char **argv);

#endif

/* What the parts of the files group share. */
#ifndef GLOVEBOX_PROBE_FILES_H
#define GLOVEBOX_PROBE_FILES_H

#include "probe.h"

#include <limits.h>

/* `~` at the beginning stands for the home folder here, as only the inside knows it. Returns `ret_path`. */
const char *path_here(const char *word, char ret_path[PATH_MAX]);
/* Tells the beginning of what can be read from the descriptor, and closes it; 1 where it is refused or < 0. */
int tell_file(int fd);
/* Writes the text and closes; 1 where it is refused or < 0. */
int write_text(int fd, const char *text);
/* A connection to a socket with a path; < 0 where there is none. */
int connect_path(const char *path);

/* files_links.c */
int run_link(int argc, char **argv), run_swap(int argc, char **argv), run_flip(int argc, char **argv);
/* files_special.c */
int run_special(int argc, char **argv);
/* files_handle.c */
int run_handle(int argc, char **argv), run_by_handle(int argc, char **argv), run_raw(int argc, char **argv);
/* files_descriptors.c */
int run_openat(int argc, char **argv), run_climb(int argc, char **argv), run_use_sockets(int argc, char **argv),
    run_with_sockets(int argc, char **argv);
/* files_exe.c */
int run_watch_exe(int argc, char **argv);
/* files_cache.c */
int run_dirty(int argc, char **argv);
/* files_mount.c */
int run_mount(int argc, char **argv);

#endif

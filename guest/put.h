/* Unpacking, apart from stdin and stderr, so that test/guest/fuzz_put.c can drive it. */
#ifndef GLOVEBOX_PUT_H
#define GLOVEBOX_PUT_H

#include "tar.h"

/* A folder that is open, from the border (level 0) to the innermost one. */
struct put_level {
  int fd;
  size_t parent_length; /* of put.path without this folder */
  bool described;       /* `mode` and `mtime` are to be set on leaving it */
  mode_t mode;
  int64_t mtime;
};

/* All zero at the start but `as`. */
struct put {
  const char *as; /* a name for the single top entry, or NULL */
  bool has_top;
  char top[256]; /* the top entry's name in the archive; "" where that is the folder "." */
  char renamed[TAR_MAX_NAME + 256];
  int depth;
  struct put_level levels[TAR_MAX_DEPTH];
  char path[TAR_MAX_NAME + 256]; /* of the innermost folder, below the border */
  char error[1024];              /* what was wrong, once put_archive() has returned -1 */
};

/* Unpacks below `folder`, which stays the caller's. -1: put->error says why; what was written stays. */
int put_archive(struct put *put, int folder, struct tar_reader *reader);

#endif

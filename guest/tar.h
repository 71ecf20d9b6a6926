/* The archive format on both sides: POSIX.1-2008 pax interchange format ("pax", EXTENDED DESCRIPTION). */
#ifndef GLOVEBOX_TAR_H
#define GLOVEBOX_TAR_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  TAR_BLOCK = 512,
  TAR_BUFFER = 128 * TAR_BLOCK,
  TAR_MAX_NAME = 16384,           /* bytes of a path in an archive; longer than PATH_MAX, as we walk by components */
  TAR_MAX_LINK = 4096,            /* PATH_MAX: no symlink is longer */
  TAR_MAX_EXTENDED = 32768,       /* bytes of the pax records of one entry */
  TAR_MAX_DEPTH = 200,            /* folders in each other, each an open descriptor */
  TAR_MAX_TRAILER = 1024 * 1024,  /* padding behind the archive's end; GNU tar fills up to 10 KiB */
};

/* The last two are written only: a name that another entry's file has too, and overlayfs' mark of a deleted file. */
enum tar_type { TAR_FILE, TAR_DIRECTORY, TAR_SYMLINK, TAR_HARDLINK, TAR_WHITEOUT };

/* What an entry says of a file. Names end with 0, hold none, and live until the next entry. */
struct tar_entry {
  enum tar_type type;
  const char *name; /* relative, without empty, "." or ".." components; "" for the archive's top folder itself */
  const char *link; /* of a symlink or a hard link */
  bool opaque;      /* written only: a folder that hides what lower layers have in it */
  uint64_t size;    /* of a file, in bytes */
  mode_t mode;      /* permission bits and the sticky bit; of what is read only these */
  int64_t mtime;    /* seconds since 1970 */
};

/* tar_read.c: a strict parser that allocates nothing and does no I/O but through `read`. All zero but `read` and
 * `context` at the start. */
struct tar_reader {
  /* As read(2): 0 at the end of the input, -1 with errno. */
  ssize_t (*read)(void *context, void *buffer, size_t size);
  void *context;
  const char *error; /* after -1: what is wrong with the archive */
  uint64_t data_left, padding_left;
  size_t start, filled; /* of the buffer */
  uint64_t extended_size;
  bool has_name, has_link, has_size; /* pax records that stand in for fields of the next header */
  char name[TAR_MAX_NAME], link[TAR_MAX_LINK];
  char extended[TAR_MAX_EXTENDED];
  char buffer[TAR_BUFFER];
};
/* 1: an entry, 0: the whole archive was read, -1: error. Skips what is left of the last entry's data. */
int tar_next(struct tar_reader *reader, struct tar_entry *ret);
/* 1: some of the entry's data, which stays the reader's, 0: all was read, -1: error. */
int tar_data(struct tar_reader *reader, const char **ret_bytes, size_t *ret_length);

/* tar_pax.c: "LENGTH KEY=VALUE\n" records. */
struct pax_record {
  const char *key, *value; /* not ended by 0 */
  size_t key_length, value_length;
};
/* 1: a record, `*at` steps over it; 0: no more; -1: malformed. */
int pax_next(const char **at, const char *end, struct pax_record *ret);
/* Decimal digits only, up to 2^63-1. */
int pax_number(const struct pax_record *record, uint64_t *ret);
/* Appends a record; returns its length, 0 where it does not fit. */
size_t pax_write(char *at, size_t room, const char *key, const char *value, size_t value_length);

/* tar_write.c: the header blocks of one entry, a pax header in front where ustar's fields are too small. */
enum { TAR_MAX_HEADERS = 2 * TAR_BLOCK + TAR_MAX_EXTENDED };
struct tar_owner { uint32_t uid, gid; };
size_t tar_headers(const struct tar_entry *entry, struct tar_owner owner, char ret[TAR_MAX_HEADERS]);

/* tar_out.c: an archive that goes to stdout. All zero at the start. */
struct tar_out {
  size_t pending;
  char buffer[TAR_BUFFER];
};
void tar_out_bytes(struct tar_out *out, const char *bytes, size_t length);
/* Exactly `size` bytes and their padding; false, and said, where the file has fewer or more. */
bool tar_out_data(struct tar_out *out, int fd, uint64_t size, const char *name);
void tar_out_end(struct tar_out *out);
void tar_out_flush(struct tar_out *out);

#endif

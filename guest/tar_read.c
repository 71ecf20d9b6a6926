/* Reading an archive that nobody vouches for.
 *
 * Theory of operation
 *
 * The input is taken in blocks through one buffer. A header block is believed only with the right checksum, the
 * magic of ustar and numbers written as POSIX has them; anything else ends the archive with an error: a parser that
 * guesses is one that two programs can be told different things by. Of the formats' many features these remain:
 * files, directories, symlinks; pax records for path, linkpath and size, others that only describe (times, owners,
 * attributes) being passed over; GNU's binary size, as common libraries write it for more than 8 GiB. Refused by
 * name: hard links, devices, fifos, sparse files, GNU's long names, global headers.
 *
 * A name leaves here relative and plain, or not at all: a leading "/", "..", an empty name or a NUL is an error;
 * "." components and doubled slashes are taken out. What it means to walk such a name is put.c's part.
 *
 * Every length is bounded before it is used, the data's end is told from the input's end, and two zero blocks must
 * close the archive, so a truncated one is never taken for a whole one.
 */
#include "tar.h"

#include <string.h>

/* ustar's header, field by field (POSIX.1-2008, pax, "ustar Interchange Format"). */
struct header {
  char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100];
  char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK, "a header is one block");

static int fail(struct tar_reader *reader, const char *error) {
  if (!reader->error) reader->error = error;
  return -1;
}

/* 1: something is in the buffer, 0: the input has ended, -1: it could not be read. */
static int fill(struct tar_reader *reader) {
  if (reader->start < reader->filled) return 1;
  ssize_t n = reader->read(reader->context, reader->buffer, sizeof reader->buffer);
  if (n < 0 || (size_t)n > sizeof reader->buffer) return fail(reader, "the archive cannot be read");
  reader->start = 0;
  reader->filled = (size_t)n;
  return n > 0;
}

/* Exactly `length` bytes; `ret` may be NULL to skip them. */
static int take(struct tar_reader *reader, char *ret, uint64_t length) {
  while (length > 0) {
    int some = fill(reader);
    if (some <= 0) return some < 0 ? -1 : fail(reader, "the archive is truncated");
    size_t part = reader->filled - reader->start;
    if (part > length) part = (size_t)length;
    if (ret) {
      memcpy(ret, reader->buffer + reader->start, part);
      ret += part;
    }
    reader->start += part;
    length -= part;
  }
  return 0;
}

/* Octal digits, ended by NUL, a space or the field's end. */
static int octal(const char *field, size_t size, uint64_t *ret) {
  uint64_t number = 0;
  size_t i = 0;
  for (; i < size && field[i] >= '0' && field[i] <= '7'; i++) number = number << 3 | (uint64_t)(field[i] - '0');
  if (i == 0 || (i < size && field[i] != 0 && field[i] != ' ')) return -1;
  *ret = number;
  return 0;
}

/* GNU's form for large numbers: the first bit set, then big-endian. */
static int octal_or_binary(const char *field, size_t size, uint64_t *ret) {
  if ((unsigned char)field[0] != 0x80) return octal(field, size, ret);
  uint64_t number = 0;
  for (size_t i = 1; i < size; i++) {
    if (number > (uint64_t)INT64_MAX >> 8) return -1;
    number = number << 8 | (unsigned char)field[i];
  }
  *ret = number;
  return 0;
}

static bool checksum_holds(const struct header *header) {
  const unsigned char *bytes = (const unsigned char *)header;
  const size_t from = offsetof(struct header, checksum), to = from + sizeof header->checksum;
  uint64_t said, sum = 0;
  for (size_t i = 0; i < sizeof *header; i++) sum += i >= from && i < to ? ' ' : bytes[i];
  return octal(header->checksum, sizeof header->checksum, &said) == 0 && said == sum;
}

static bool all_zero(const struct header *header) {
  const char *bytes = (const char *)header;
  for (size_t i = 0; i < sizeof *header; i++)
    if (bytes[i] != 0) return false;
  return true;
}

static uint64_t padding(uint64_t size) { return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK; }

/* Makes the name plain in place: components joined by one slash each. */
static int plain_name(struct tar_reader *reader) {
  char *out = reader->name;
  const char *at = reader->name;
  if (*at == 0) return fail(reader, "an entry has no name");
  if (*at == '/') return fail(reader, "an entry has an absolute name");
  while (*at) {
    size_t length = strcspn(at, "/");
    if (length == 2 && at[0] == '.' && at[1] == '.') return fail(reader, "an entry's name holds \"..\"");
    if (length > 0 && !(length == 1 && at[0] == '.')) {
      if (out != reader->name) *out++ = '/';
      memmove(out, at, length);
      out += length;
    }
    at += length;
    while (*at == '/') at++;
  }
  *out = 0;
  return 0;
}

static int keep_text(char *to, size_t room, const char *from, size_t length) {
  if (length == 0 || length >= room || memchr(from, 0, length)) return -1;
  memcpy(to, from, length);
  to[length] = 0;
  return 0;
}

static bool key_is(const struct pax_record *record, const char *key) {
  return record->key_length == strlen(key) && memcmp(record->key, key, record->key_length) == 0;
}

/* Records that only describe a file. Any other might change what its data means, as GNU.sparse.* does. */
static bool may_be_passed_over(const struct pax_record *record) {
  static const char *const keys[] = {"mtime", "atime", "ctime", "uid", "gid", "uname", "gname", "comment"};
  static const char *const families[] = {"SCHILY.", "LIBARCHIVE."};
  for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
    if (key_is(record, keys[i])) return true;
  for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
    if (record->key_length > strlen(families[i]) && memcmp(record->key, families[i], strlen(families[i])) == 0)
      return true;
  return false;
}

static int take_record(struct tar_reader *reader, const struct pax_record *record) {
  if (key_is(record, "path")) {
    reader->has_name = true;
    if (keep_text(reader->name, sizeof reader->name, record->value, record->value_length) == 0) return 0;
    return fail(reader, "a pax path is empty, too long or holds a NUL");
  }
  if (key_is(record, "linkpath")) {
    reader->has_link = true;
    if (keep_text(reader->link, sizeof reader->link, record->value, record->value_length) == 0) return 0;
    return fail(reader, "a pax linkpath is empty, too long or holds a NUL");
  }
  if (key_is(record, "size")) {
    reader->has_size = true;
    if (pax_number(record, &reader->extended_size) == 0) return 0;
    return fail(reader, "a pax size is not a number");
  }
  return may_be_passed_over(record) ? 0 : fail(reader, "a pax record is of a kind that is not accepted");
}

static int take_extended(struct tar_reader *reader, uint64_t size) {
  if (size > sizeof reader->extended) return fail(reader, "a pax header is too long");
  if (take(reader, reader->extended, size) < 0 || take(reader, NULL, padding(size)) < 0) return -1;
  const char *at = reader->extended, *end = at + size;
  struct pax_record record;
  int more;
  while ((more = pax_next(&at, end, &record)) > 0)
    if (take_record(reader, &record) < 0) return -1;
  return more < 0 ? fail(reader, "a pax header is malformed") : 0;
}

/* Fields of text are ended by NUL unless they are full. */
static void ustar_name(struct tar_reader *reader, const struct header *header) {
  size_t prefix = strnlen(header->prefix, sizeof header->prefix);
  size_t name = strnlen(header->name, sizeof header->name);
  char *out = reader->name;
  if (prefix > 0) {
    memcpy(out, header->prefix, prefix);
    out[prefix] = '/';
    out += prefix + 1;
  }
  memcpy(out, header->name, name);
  out[name] = 0;
}

static int entry_type(struct tar_reader *reader, char flag, enum tar_type *ret) {
  switch (flag) {
    case '0': case 0: *ret = TAR_FILE; return 0;
    case '5': *ret = TAR_DIRECTORY; return 0;
    case '2': *ret = TAR_SYMLINK; return 0;
    case '1': return fail(reader, "hard links are not accepted");
    case '3': case '4': case '6': return fail(reader, "devices and fifos are not accepted");
    case 'L': case 'K': return fail(reader, "GNU long names are not accepted: write the pax format");
    case 'g': return fail(reader, "global pax headers are not accepted");
    default: return fail(reader, "an entry is of a kind that is not accepted");
  }
}

static int describe(struct tar_reader *reader, const struct header *header, struct tar_entry *ret) {
  uint64_t mode, mtime, size;
  if (entry_type(reader, header->type, &ret->type) < 0) return -1;
  if (octal(header->mode, sizeof header->mode, &mode) < 0 || octal(header->mtime, sizeof header->mtime, &mtime) < 0 ||
      octal_or_binary(header->size, sizeof header->size, &size) < 0)
    return fail(reader, "a number in a header is malformed");
  if (reader->has_size) size = reader->extended_size;
  if (ret->type != TAR_FILE && size != 0) return fail(reader, "a directory or symlink has data");
  if (!reader->has_name) ustar_name(reader, header);
  if (ret->type == TAR_FILE && *reader->name && reader->name[strlen(reader->name) - 1] == '/')
    return fail(reader, "a file's name ends with a slash");
  if (plain_name(reader) < 0) return -1;
  if (*reader->name == 0 && ret->type != TAR_DIRECTORY) return fail(reader, "an entry has no name");
  if (!reader->has_link && ret->type == TAR_SYMLINK) {
    size_t length = strnlen(header->link, sizeof header->link);
    if (keep_text(reader->link, sizeof reader->link, header->link, length) < 0)
      return fail(reader, "a symlink leads nowhere");
  }
  ret->name = reader->name;
  ret->link = ret->type == TAR_SYMLINK ? reader->link : NULL;
  ret->size = size;
  ret->mode = (mode_t)mode & 01777;
  ret->mtime = (int64_t)mtime;
  reader->data_left = size;
  reader->padding_left = padding(size);
  return 1;
}

/* One zero block was read: the second must follow, and then a bounded rest, which a pipe's writer must get rid of. */
static int take_end(struct tar_reader *reader) {
  struct header header;
  if (take(reader, (char *)&header, sizeof header) < 0) return -1;
  if (!all_zero(&header)) return fail(reader, "a single zero block stands inside the archive");
  for (uint64_t trailer = 0; trailer <= TAR_MAX_TRAILER; reader->start = reader->filled) {
    int some = fill(reader);
    if (some <= 0) return some;
    trailer += reader->filled - reader->start;
  }
  return fail(reader, "the archive goes on behind its end");
}

int tar_next(struct tar_reader *reader, struct tar_entry *ret) {
  struct header header;
  bool extended = false;
  if (reader->error) return -1;
  if (take(reader, NULL, reader->data_left) < 0 || take(reader, NULL, reader->padding_left) < 0) return -1;
  reader->data_left = reader->padding_left = 0;
  reader->has_name = reader->has_link = reader->has_size = false;
  for (;;) {
    if (take(reader, (char *)&header, sizeof header) < 0) return -1;
    if (all_zero(&header)) return extended ? fail(reader, "a pax header has no entry") : take_end(reader);
    if (!checksum_holds(&header)) return fail(reader, "a header's checksum is wrong");
    if (memcmp(header.magic, "ustar\00000", sizeof header.magic + sizeof header.version) != 0)
      return fail(reader, "a header is not in ustar or pax format");
    if (header.type != 'x') return describe(reader, &header, ret);
    if (extended) return fail(reader, "two pax headers stand before one entry");
    uint64_t size;
    if (octal(header.size, sizeof header.size, &size) < 0) return fail(reader, "a number in a header is malformed");
    if (take_extended(reader, size) < 0) return -1;
    extended = true;
  }
}

int tar_data(struct tar_reader *reader, const char **ret_bytes, size_t *ret_length) {
  if (reader->error) return -1;
  if (reader->data_left == 0) return 0;
  int some = fill(reader);
  if (some <= 0) return some < 0 ? -1 : fail(reader, "the archive is truncated");
  size_t length = reader->filled - reader->start;
  if (length > reader->data_left) length = (size_t)reader->data_left;
  *ret_bytes = reader->buffer + reader->start;
  *ret_length = length;
  reader->start += length;
  reader->data_left -= length;
  return 1;
}

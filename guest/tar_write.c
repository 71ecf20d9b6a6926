/* The header of one entry as ustar has it; what does not fit its fields goes into a pax header in front. */
#include "tar.h"

#include <stdio.h>
#include <string.h>

static const uint64_t MAX_OCTAL_7 = 07777777, MAX_OCTAL_11 = 077777777777;

/* `size` - 1 octal digits and a NUL; 0 stands for a number that a pax record holds. */
static void octal(char *field, size_t size, uint64_t number) {
  uint64_t most = size == 8 ? MAX_OCTAL_7 : MAX_OCTAL_11;
  char text[16];
  snprintf(text, sizeof text, "%0*llo", (int)size - 1, (unsigned long long)(number <= most ? number : 0));
  memcpy(field, text, size);
}

/* One block. Offsets: POSIX.1-2008, pax, "ustar Header Block". */
static void header(char *block, char type, const char *name, const struct tar_entry *entry, struct tar_owner owner,
                   uint64_t size) {
  memset(block, 0, TAR_BLOCK);
  memcpy(block, name, strnlen(name, 100));
  octal(block + 100, 8, entry->mode);
  octal(block + 108, 8, owner.uid);
  octal(block + 116, 8, owner.gid);
  octal(block + 124, 12, size);
  octal(block + 136, 12, entry->mtime < 0 ? 0 : (uint64_t)entry->mtime);
  memset(block + 148, ' ', 8);
  block[156] = type;
  if (type == '1' || type == '2') memcpy(block + 157, entry->link, strnlen(entry->link, 100));
  if (type == '3') { /* overlayfs' whiteout is the character device 0/0 (overlayfs.rst) */
    octal(block + 329, 8, 0);
    octal(block + 337, 8, 0);
  }
  memcpy(block + 257, "ustar\00000", 8);
  unsigned sum = 0;
  for (size_t i = 0; i < TAR_BLOCK; i++) sum += (unsigned char)block[i];
  octal(block + 148, 7, sum); /* six digits, a NUL and the space that is there */
}

struct records {
  char *bytes;
  size_t length;
};

static void add_text(struct records *to, const char *key, const char *value) {
  to->length += pax_write(to->bytes + to->length, TAR_MAX_EXTENDED - to->length, key, value, strlen(value));
}

static void add_number(struct records *to, const char *key, uint64_t value) {
  char text[24];
  snprintf(text, sizeof text, "%llu", (unsigned long long)value);
  add_text(to, key, text);
}

size_t tar_headers(const struct tar_entry *entry, struct tar_owner owner, char ret[TAR_MAX_HEADERS]) {
  static const char types[] = {[TAR_FILE] = '0', [TAR_DIRECTORY] = '5', [TAR_SYMLINK] = '2', [TAR_HARDLINK] = '1',
                               [TAR_WHITEOUT] = '3'};
  struct records records = {.bytes = ret + TAR_BLOCK};
  if (strlen(entry->name) > 100) add_text(&records, "path", entry->name);
  bool has_link = entry->type == TAR_SYMLINK || entry->type == TAR_HARDLINK;
  if (has_link && strlen(entry->link) > 100) add_text(&records, "linkpath", entry->link);
  if (entry->opaque) add_text(&records, "SCHILY.xattr.user.overlay.opaque", "y");
  if (entry->size > MAX_OCTAL_11) add_number(&records, "size", entry->size);
  if (owner.uid > MAX_OCTAL_7) add_number(&records, "uid", owner.uid);
  if (owner.gid > MAX_OCTAL_7) add_number(&records, "gid", owner.gid);
  size_t length = 0;
  if (records.length > 0) {
    struct tar_entry described = {.mode = 0644, .mtime = entry->mtime};
    size_t padded = (records.length + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    memset(records.bytes + records.length, 0, padded - records.length);
    header(ret, 'x', "pax", &described, owner, records.length);
    length = TAR_BLOCK + padded;
  }
  header(ret + length, types[entry->type], entry->name, entry, owner, entry->size);
  return length + TAR_BLOCK;
}

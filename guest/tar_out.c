/* An archive on its way to stdout, in large writes. */
#include "guest.h"
#include "tar.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void tar_out_flush(struct tar_out *out) {
  if (write_all(1, out->buffer, out->pending) < 0) die("Cannot write the archive: %s.", strerror(errno));
  out->pending = 0;
}

void tar_out_bytes(struct tar_out *out, const char *bytes, size_t length) {
  while (length > 0) {
    size_t part = sizeof out->buffer - out->pending;
    if (part > length) part = length;
    memcpy(out->buffer + out->pending, bytes, part);
    out->pending += part;
    length -= part;
    bytes += part;
    if (out->pending == sizeof out->buffer) tar_out_flush(out);
  }
}

static void put_zeros(struct tar_out *out, uint64_t length) {
  static const char zeros[TAR_BLOCK];
  for (; length > TAR_BLOCK; length -= TAR_BLOCK) tar_out_bytes(out, zeros, TAR_BLOCK);
  tar_out_bytes(out, zeros, (size_t)length);
}

bool tar_out_data(struct tar_out *out, int fd, uint64_t size, const char *name) {
  static char chunk[TAR_BUFFER];
  uint64_t left = size;
  bool whole = true;
  ssize_t n = 1;
  while (left > 0 && n > 0) {
    n = read(fd, chunk, left < sizeof chunk ? (size_t)left : sizeof chunk);
    if (n < 0 && errno == EINTR) n = 1;
    else if (n > 0) {
      tar_out_bytes(out, chunk, (size_t)n);
      left -= (uint64_t)n;
    }
  }
  if (left > 0) {
    const char *why = n < 0 ? strerror(errno) : "it became shorter while it was read";
    say("%s: the rest of it is filled with zeros: %s", name, why);
    whole = false;
    put_zeros(out, left);
  } else if (read(fd, chunk, 1) == 1) {
    say("%s: the rest of it is cut off: it became longer while it was read", name);
    whole = false;
  }
  put_zeros(out, (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
  return whole;
}

void tar_out_end(struct tar_out *out) {
  put_zeros(out, 2 * TAR_BLOCK);
  tar_out_flush(out);
}

/* A log in two files of which the older one is dropped, so that its bound is half of what is kept at least.
 *
 * A half begins with a line that says its number, one more than the other's, and how many lines are gone by then: readers put the
 * halves in order by it. Both are emptied in their places (ftruncate(2)), as the program can open nothing. A line is whole or not
 * there: what a full disk has cut short is taken back, and so is what a killed program left. */
#include "resolver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NUMBER_MAX_DIGITS = 15, CHUNK = 65536 };

static struct half { int fd; uint64_t bytes, lines, number; } halves[2], *current;
static uint64_t most, gone; /* bytes of a half; lines of all halves that were dropped */
static bool within_line;

static uint64_t read_number(const char *head, const char *name) {
  const char *at = strstr(head, name);
  size_t digits = at ? strspn(at + strlen(name), "0123456789") : 0;
  return digits > 0 && digits <= NUMBER_MAX_DIGITS ? strtoull(at + strlen(name), NULL, 10) : 0;
}

/* What an earlier run has left in it: how many lines that are whole, and their end. */
static bool measure(struct half *half, uint64_t *ret_gone) {
  static char bytes[CHUNK];
  uint64_t at = 0, end = 0;
  ssize_t got;
  char head[128];
  while ((got = pread(half->fd, bytes, sizeof bytes, (off_t)at)) > 0) {
    for (ssize_t i = 0; i < got; i++)
      if (bytes[i] == '\n') half->lines++, end = at + (uint64_t)i + 1;
    at += (uint64_t)got;
  }
  if (got < 0 || (got = pread(half->fd, head, sizeof head - 1, 0)) < 0) return false;
  head[got] = 0;
  half->number = strstr(head, ",\"event\":\"half\",") ? read_number(head, "\"number\":") : 0;
  if (half->number == 0) end = half->lines = 0;
  *ret_gone = half->number == 0 ? 0 : read_number(head, "\"gone\":");
  half->bytes = end;
  if (half->lines > 0) half->lines--; /* the first one tells of the half */
  return end == at || ftruncate(half->fd, (off_t)end) == 0;
}

static bool begin(struct half *half, uint64_t number) {
  struct line line;
  gone += half->lines;
  half->bytes = half->lines = 0;
  log_begin(&line);
  log_say(&line, ",\"event\":\"half\",\"number\":%llu,\"gone\":%llu}\n", (unsigned long long)number, (unsigned long long)gone);
  if (ftruncate(half->fd, 0) < 0 || write(half->fd, line.text, line.used) != (ssize_t)line.used) {
    half->number = 0; /* nothing goes there before it has its first line */
    return false;
  }
  half->number = number;
  half->bytes = line.used;
  return true;
}

bool halves_open(int first, int second, uint64_t bytes) {
  uint64_t gone_before[2];
  most = bytes / 2;
  halves[0].fd = first;
  halves[1].fd = second;
  if (!measure(&halves[0], &gone_before[0]) || !measure(&halves[1], &gone_before[1])) return false;
  size_t newer = halves[1].number > halves[0].number;
  current = &halves[newer];
  gone = gone_before[newer];
  return current->number > 0 || begin(current, 1);
}

int halves_fd(void) { return current->fd; }

/* How many of these bytes may go into the current file now: whole lines, and what is left of one that has begun. */
size_t halves_part(const char *bytes, size_t length) {
  if (within_line) {
    const char *end = memchr(bytes, '\n', length);
    return end ? (size_t)(end - bytes) + 1 : length;
  }
  if (current->number > 0 && current->bytes + length <= most) return length;
  size_t room = current->number > 0 && current->bytes < most ? (size_t)(most - current->bytes) : 0;
  const char *end = memrchr(bytes, '\n', room < length ? room : length);
  if (end) return (size_t)(end - bytes) + 1;
  struct half *other = current == &halves[0] ? &halves[1] : &halves[0];
  uint64_t number = current->number > other->number ? current->number : other->number;
  if (current->number > 0) current = other;
  if (!begin(current, number + 1)) return 0;
  return halves_part(bytes, length); /* a line fits now: options are at least four of the longest */
}

void halves_wrote(const char *bytes, size_t length) {
  if (length == 0) return;
  current->bytes += length;
  for (size_t i = 0; i < length; i++) current->lines += bytes[i] == '\n';
  within_line = bytes[length - 1] != '\n';
}

/* The rest of the line that has begun will not come. */
void halves_take_back(size_t begun) {
  if (begun == 0 || ftruncate(current->fd, (off_t)(current->bytes - begun)) < 0) return;
  current->bytes -= begun;
  within_line = false;
}

/* The records of a pax extended header: "%d %s=%s\n", the number counting the whole record with itself. */
#include "tar.h"

#include <stdio.h>
#include <string.h>

int pax_next(const char **at, const char *end, struct pax_record *ret) {
  const char *start = *at, *digit = start;
  size_t length = 0;
  if (start == end) return 0;
  for (; digit < end && *digit >= '0' && *digit <= '9'; digit++) {
    length = length * 10 + (size_t)(*digit - '0');
    if (length > TAR_MAX_EXTENDED) return -1;
  }
  /* "5 a=\n" is the shortest: the digits, a space, a key, "=" and a line's end. */
  size_t head = (size_t)(digit - start) + 1;
  if (digit == start || digit == end || *digit != ' ') return -1;
  if (length > (size_t)(end - start) || length < head + 3 || start[length - 1] != '\n') return -1;
  const char *key = digit + 1, *last = start + length - 1;
  const char *equals = memchr(key, '=', (size_t)(last - key));
  if (!equals || equals == key) return -1;
  *ret = (struct pax_record){.key = key, .key_length = (size_t)(equals - key), .value = equals + 1,
                             .value_length = (size_t)(last - equals - 1)};
  *at = start + length;
  return 1;
}

int pax_number(const struct pax_record *record, uint64_t *ret) {
  uint64_t number = 0;
  if (record->value_length == 0) return -1;
  for (size_t i = 0; i < record->value_length; i++) {
    char digit = record->value[i];
    if (digit < '0' || digit > '9' || number > (INT64_MAX - 9) / 10) return -1;
    number = number * 10 + (uint64_t)(digit - '0');
  }
  *ret = number;
  return 0;
}

static size_t digits_of(size_t number) {
  size_t digits = 1;
  for (; number >= 10; number /= 10) digits++;
  return digits;
}

size_t pax_write(char *at, size_t room, const char *key, const char *value, size_t value_length) {
  size_t key_length = strlen(key);
  size_t rest = 3 + key_length + value_length; /* space, "=", line's end */
  size_t length = rest + digits_of(rest);
  if (digits_of(length) > digits_of(rest)) length = rest + digits_of(length);
  if (length >= room) return 0; /* one byte more for the 0 of snprintf */
  int head = snprintf(at, room, "%zu %s=", length, key);
  memcpy(at + head, value, value_length);
  at[length - 1] = '\n';
  return length;
}

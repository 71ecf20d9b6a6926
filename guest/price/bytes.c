/* The input of workloads, made here, and their checksums. Nothing in it depends on the machine. */
#include "price.h"

uint64_t price_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(0x2545f4914f6cdd1d);
}

void price_fill(void *bytes, size_t length, uint64_t seed) {
  uint64_t state = seed;
  for (size_t at = 0; at + sizeof state <= length; at += sizeof state) {
    uint64_t word = price_random(&state);
    memcpy((unsigned char *)bytes + at, &word, sizeof word);
  }
}

/* Eight bytes at a time, in four lanes of 16 bits that cannot overflow: summing must cost little beside what is measured. */
uint64_t price_sum(const void *bytes, size_t length) {
  const uint64_t even = UINT64_C(0x00ff00ff00ff00ff), ones = UINT64_C(0x0001000100010001);
  const unsigned char *at = bytes, *end = at + length;
  uint64_t sum = 0, word;
  for (; end - at >= (ptrdiff_t)sizeof word; at += sizeof word) {
    memcpy(&word, at, sizeof word);
    sum += ((word & even) + (word >> 8 & even)) * ones >> 48;
  }
  while (at < end) sum += *at++;
  return sum;
}

bool price_read_whole(int fd, void *ret_bytes, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t n = read(fd, (unsigned char *)ret_bytes + done, length - done);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = EPIPE;
    if (n <= 0) return false;
    done += (size_t)n;
  }
  return true;
}

bool price_write_whole(int fd, const void *bytes, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t n = write(fd, (const unsigned char *)bytes + done, length - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += (size_t)n;
  }
  return true;
}

/* Random numbers of the kernel's, fetched many at a time. Without them there is no safe question, so no going on. */
#include "resolver.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

uint32_t random_number(void) {
  static uint8_t pool[256];
  static size_t left;
  uint32_t number;
  if (left < sizeof number) {
    if (getrandom(pool, sizeof pool, 0) != (ssize_t)sizeof pool) abort();
    left = sizeof pool;
  }
  left -= sizeof number;
  memcpy(&number, pool + left, sizeof number);
  memset(pool + left, 0, sizeof number);
  return number;
}

/* Words on stderr. They carry names that the image or an archive chose, so what could drive a terminal (control
 * characters, bytes that are no UTF-8) is spelled \xNN: "#!/bin/sh\x0d" also shows what an eye cannot see. */
#include "guest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MAX_LINE = 8192 };

int write_all(int fd, const void *bytes, size_t length) {
  const char *next = bytes;
  while (length > 0) {
    ssize_t n = write(fd, next, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return -1;
    next += n;
    length -= (size_t)n;
  }
  return 0;
}

/* Length of the printable character at `at`, 0 where there is none: ASCII, or well-formed UTF-8 (RFC 3629) above
 * the C1 controls, U+0080 to U+009F. */
static size_t printable(const unsigned char *at, size_t left) {
  if (at[0] < 0x80) return at[0] >= 0x20 && at[0] != 0x7f;
  size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
  if (at[0] < 0xc2 || at[0] > 0xf4 || left < length) return 0;
  for (size_t i = 1; i < length; i++)
    if ((at[i] & 0xc0) != 0x80) return 0;
  if (at[0] == 0xc2 && at[1] < 0xa0) return 0;
  if (at[0] == 0xe0 && at[1] < 0xa0) return 0;
  if (at[0] == 0xed && at[1] > 0x9f) return 0;
  if (at[0] == 0xf0 && at[1] < 0x90) return 0;
  if (at[0] == 0xf4 && at[1] > 0x8f) return 0;
  return length;
}

static void say_list(const char *format, va_list list) {
  static const char hex[] = "0123456789abcdef";
  char raw[MAX_LINE];
  char line[4 * MAX_LINE + 16] = "glovebox: ";
  int wanted = vsnprintf(raw, sizeof raw, format, list);
  size_t length = wanted < 0 ? 0 : (size_t)wanted < sizeof raw ? (size_t)wanted : sizeof raw - 1;
  char *out = line + strlen(line);
  for (size_t i = 0; i < length;) {
    size_t whole = printable((unsigned char *)raw + i, length - i);
    if (whole > 0) {
      memcpy(out, raw + i, whole);
      out += whole;
      i += whole;
    } else {
      unsigned char byte = (unsigned char)raw[i++];
      *out++ = '\\';
      *out++ = 'x';
      *out++ = hex[byte >> 4];
      *out++ = hex[byte & 15];
    }
  }
  *out++ = '\n';
  write_all(2, line, (size_t)(out - line));
}

void say(const char *format, ...) {
  va_list list;
  va_start(list, format);
  say_list(format, list);
  va_end(list);
}

_Noreturn void die(const char *format, ...) {
  va_list list;
  va_start(list, format);
  say_list(format, list);
  va_end(list);
  _exit(EXIT_OURS);
}

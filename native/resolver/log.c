/* What happened, as lines of JSON. A reader that is slow costs lines and never time: they wait in a buffer of a fixed size, and
 * what does not fit, or is more than MAX_RATE lines a second, is counted and said. */
#include "resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 65536, LINE = 5120, MAX_RATE = 5000, LOST_LINE = 80 };

static struct { int fd; size_t start, used; uint64_t lost; int64_t second; unsigned lines; char bytes[BUFFER]; } log_state = {.fd = -1};

void log_open(int fd) { log_state.fd = fd; }

static struct timespec wall(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

/* Appends to a line; text that would not fit ends it, and makes the line too long to be kept. */
static void say(char *line, size_t *used, const char *format, ...) {
  va_list words;
  if (*used >= LINE) return;
  va_start(words, format);
  int length = vsnprintf(line + *used, LINE - *used, format, words);
  va_end(words);
  *used = length < 0 ? LINE : *used + (size_t)length;
}

static void say_time(char *line, size_t *used, const struct timespec *now) {
  say(line, used, "{\"at\":%lld.%03ld", (long long)now->tv_sec, now->tv_nsec / 1000000);
}

static void make_room(void) {
  if (log_state.start == 0) return;
  memmove(log_state.bytes, log_state.bytes + log_state.start, log_state.used);
  log_state.start = 0;
}

static bool put(const char *line, size_t length, size_t keep_free) {
  if (log_state.start + log_state.used + length + keep_free > BUFFER) make_room();
  if (log_state.used + length + keep_free > BUFFER) return false;
  memcpy(log_state.bytes + log_state.start + log_state.used, line, length);
  log_state.used += length;
  return true;
}

static void say_lost(const struct timespec *now) {
  char line[LINE];
  size_t used = 0;
  if (log_state.lost == 0) return;
  say_time(line, &used, now);
  say(line, &used, ",\"event\":\"lost\",\"lines\":%llu}\n", (unsigned long long)log_state.lost);
  if (put(line, used, 0)) log_state.lost = 0;
}

static void keep(const char *line, size_t length, const struct timespec *now, bool counted) {
  if (log_state.fd < 0) return;
  if (now->tv_sec != log_state.second) {
    log_state.second = now->tv_sec;
    log_state.lines = 0;
    say_lost(now);
  }
  if (length >= LINE || (counted && log_state.lines >= MAX_RATE) || !put(line, length, LOST_LINE)) log_state.lost++;
  else log_state.lines++;
}

/* True while something waits to be written, or to be said. */
bool log_flush(void) {
  while (log_state.used > 0) {
    ssize_t written = write(log_state.fd, log_state.bytes + log_state.start, log_state.used);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return true;
    if (written <= 0) { /* nobody reads it any more, or the disk is full */
      for (size_t i = 0; i < log_state.used; i++) log_state.lost += log_state.bytes[log_state.start + i] == '\n';
      log_state.start = log_state.used = 0;
      return false;
    }
    log_state.start += (size_t)written;
    log_state.used -= (size_t)written;
  }
  log_state.start = 0;
  return false;
}

void log_lost(void) {
  struct timespec now = wall();
  if (now.tv_sec != log_state.second) say_lost(&now);
}

void log_event(const char *event) {
  char line[LINE];
  size_t used = 0;
  struct timespec now = wall();
  say_time(line, &used, &now);
  say(line, &used, ",\"event\":\"%s\"}\n", event);
  keep(line, used, &now, false);
}

void log_policy(size_t names) {
  char line[LINE];
  size_t used = 0;
  struct timespec now = wall();
  say_time(line, &used, &now);
  say(line, &used, ",\"event\":\"policy\",\"names\":%zu}\n", names);
  keep(line, used, &now, false);
}

void log_policy_refused(const struct policy_problem *problem) {
  char line[LINE];
  size_t used = 0;
  struct timespec now = wall();
  say_time(line, &used, &now);
  say(line, &used, ",\"event\":\"policy-refused\",\"line\":%zu,\"why\":\"%s\"}\n", problem->line, problem->why);
  keep(line, used, &now, false);
}

static const char *type_name(uint16_t type, char number[16]) {
  static const struct { uint16_t type; const char *name; } names[] = {
      {TYPE_A, "A"},   {TYPE_AAAA, "AAAA"}, {TYPE_CNAME, "CNAME"}, {TYPE_HTTPS, "HTTPS"}, {TYPE_SVCB, "SVCB"},
      {TYPE_MX, "MX"}, {TYPE_SRV, "SRV"},   {TYPE_TXT, "TXT"},     {TYPE_PTR, "PTR"},
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].type == type) return names[i].name;
  snprintf(number, 16, "TYPE%u", type); /* RFC 3597, 5 */
  return number;
}

/* name_text leaves nothing to escape but its own backslash. */
static void say_name(char *line, size_t *used, const struct name *name) {
  char text[NAME_TEXT_MAX], escaped[2 * NAME_TEXT_MAX];
  size_t length = name_text(name, text, sizeof text), k = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '\\') escaped[k++] = '\\';
    escaped[k++] = text[i];
  }
  escaped[k] = 0;
  say(line, used, "%s", escaped);
}

void log_question(const struct record *record) {
  char line[LINE], number[16], text[INET6_ADDRSTRLEN];
  size_t used = 0;
  struct timespec now = wall();
  say_time(line, &used, &now);
  say(line, &used, ",\"name\":\"");
  say_name(line, &used, record->name);
  say(line, &used, "\",\"type\":\"%s\",\"verdict\":\"%s\",\"addresses\":[", type_name(record->type, number), record->verdict);
  for (size_t i = 0; i < record->count; i++) {
    const struct address *a = &record->addresses[i];
    say(line, &used, "%s\"%s\"", i ? "," : "", inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->bytes, text, sizeof text));
  }
  say(line, &used, "],\"ttl\":%u,\"ms\":%lld}\n", record->ttl, (long long)record->ms);
  keep(line, used, &now, true);
}

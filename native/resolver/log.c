/* What happened, as lines of JSON. A reader that is slow costs lines and never time: they wait in a buffer of a fixed size, and
 * what does not fit, or is more than its rate of lines a second, is counted and said. Where there are two files they are bounded
 * (halves.c); where there is a copy it gets the same lines (copy.c). */
#include "resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 65536, LOST_LINE = 80 };

static struct { int fd; bool halves; unsigned rate; size_t start, used, copied, begun; uint64_t lost; int64_t second; unsigned lines; char bytes[BUFFER]; } log_state = {.fd = -1};

bool log_open(const struct log_files *files) {
  log_state.fd = files->fd;
  log_state.rate = files->rate;
  log_state.halves = files->other >= 0;
  if (files->fd < 0) return true;
  if (log_state.halves && !halves_open(files->fd, files->other, files->most)) return false;
  return fcntl(files->fd, F_SETFL, fcntl(files->fd, F_GETFL) | O_NONBLOCK) == 0;
}

/* Appends to a line; what would not fit makes it too long to be kept. */
void log_say(struct line *line, const char *format, ...) {
  va_list words;
  if (line->used >= LOG_LINE) return;
  va_start(words, format);
  int length = vsnprintf(line->text + line->used, LOG_LINE - line->used, format, words);
  va_end(words);
  line->used = length < 0 ? LOG_LINE : line->used + (size_t)length;
}

void log_begin(struct line *line) {
  line->used = 0;
  clock_gettime(CLOCK_REALTIME, &line->now);
  log_say(line, "{\"at\":%lld.%03ld", (long long)line->now.tv_sec, line->now.tv_nsec / 1000000);
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

static void say_lost(void) {
  struct line line;
  if (log_state.lost == 0) return;
  log_begin(&line);
  log_say(&line, ",\"event\":\"lost\",\"lines\":%llu}\n", (unsigned long long)log_state.lost);
  if (put(line.text, line.used, 0)) log_state.lost = 0;
}

/* `counted`: what a box can make happen as often as it likes. */
void log_keep(const struct line *line, bool counted) {
  if (log_state.fd < 0) return;
  if (line->now.tv_sec != log_state.second) {
    log_state.second = line->now.tv_sec;
    log_state.lines = 0;
    say_lost();
  }
  if (line->used >= LOG_LINE || (counted && log_state.lines >= log_state.rate) || !put(line->text, line->used, LOST_LINE)) log_state.lost++;
  else log_state.lines++;
}

void log_lose(uint64_t lines) { log_state.lost += lines; }

/* `begun`: bytes of a line that has gone out in part. */
static void advance(size_t written) {
  const char *bytes = log_state.bytes + log_state.start, *end = memrchr(bytes, '\n', written);
  log_state.begun = end ? (size_t)(bytes + written - end - 1) : log_state.begun + written;
  if (log_state.halves) halves_wrote(bytes, written);
  log_state.start += written;
  log_state.used -= written;
  log_state.copied -= written;
}

/* Nobody reads it any more, or the disk is full. */
static void lose_all(void) {
  for (size_t i = 0; i < log_state.used; i++) log_state.lost += log_state.bytes[log_state.start + i] == '\n';
  if (log_state.halves) halves_take_back(log_state.begun);
  log_state.start = log_state.used = log_state.copied = log_state.begun = 0;
}

/* True while something waits to be written, or to be said. */
bool log_flush(void) {
  copy_write(log_state.bytes + log_state.start + log_state.copied, log_state.used - log_state.copied);
  log_state.copied = log_state.used;
  while (log_state.used > 0) {
    const char *bytes = log_state.bytes + log_state.start;
    size_t part = log_state.halves ? halves_part(bytes, log_state.used) : log_state.used;
    ssize_t written = part == 0 ? 0 : write(log_state.halves ? halves_fd() : log_state.fd, bytes, part);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) return true;
    if (written <= 0) return lose_all(), false;
    advance((size_t)written);
  }
  log_state.start = 0;
  return false;
}

void log_lost(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (now.tv_sec != log_state.second) say_lost();
}

void log_event(const char *event) {
  struct line line;
  log_begin(&line);
  log_say(&line, ",\"event\":\"%s\"}\n", event);
  log_keep(&line, false);
}

void log_policy(size_t names) {
  struct line line;
  log_begin(&line);
  log_say(&line, ",\"event\":\"policy\",\"names\":%zu}\n", names);
  log_keep(&line, false);
}

void log_policy_refused(const struct policy_problem *problem) {
  struct line line;
  log_begin(&line);
  log_say(&line, ",\"event\":\"policy-refused\",\"line\":%zu,\"why\":\"%s\"}\n", problem->line, problem->why);
  log_keep(&line, false);
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

/* Between quotes: name_text leaves nothing to escape but its own backslash. */
void log_name(struct line *line, const struct name *name) {
  char text[NAME_TEXT_MAX], escaped[2 * NAME_TEXT_MAX];
  size_t length = name_text(name, text, sizeof text), k = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] == '\\') escaped[k++] = '\\';
    escaped[k++] = text[i];
  }
  escaped[k] = 0;
  log_say(line, "%s", escaped);
}

void log_address(struct line *line, const struct address *address) {
  char text[INET6_ADDRSTRLEN];
  log_say(line, "\"%s\"", inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes, text, sizeof text));
}

void log_question(const struct record *record) {
  struct line line;
  char number[16];
  log_begin(&line);
  log_say(&line, ",\"name\":\"");
  log_name(&line, record->name);
  log_say(&line, "\",\"type\":\"%s\",\"verdict\":\"%s\",\"addresses\":[", type_name(record->type, number), record->verdict);
  for (size_t i = 0; i < record->count; i++) {
    if (i > 0) log_say(&line, ",");
    log_address(&line, &record->addresses[i]);
  }
  log_say(&line, "],\"ttl\":%u,\"ms\":%lld}\n", record->ttl, (long long)record->ms);
  log_keep(&line, true);
}

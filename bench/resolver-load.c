/* A client of the resolver's: `resolver-load ADDRESS NAMES SECONDS WINDOW` keeps WINDOW questions of NAMES names (n0.test …) on their
 * way for SECONDS, and prints "ANSWERS_PER_SECOND MEDIAN_US P99_US LOST": a question that stays without an answer for a second is
 * lost. A client in JavaScript would measure itself. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLES = 1 << 20 };
static long long sent_at[65536];
static unsigned waits[SAMPLES];

static long long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static size_t write_question(unsigned char *ret, unsigned id, unsigned number) {
  static const unsigned char header[12] = {0, 0, 1, 0, 0, 1}, end[] = {4, 't', 'e', 's', 't', 0, 0, 1, 0, 1};
  memcpy(ret, header, 12);
  ret[0] = (unsigned char)(id >> 8);
  ret[1] = (unsigned char)id;
  int length = sprintf((char *)ret + 13, "n%u", number);
  ret[12] = (unsigned char)length;
  memcpy(ret + 13 + length, end, sizeof end);
  return 13 + (size_t)length + sizeof end;
}

static int by_size(const void *a, const void *b) { return *(const unsigned *)a < *(const unsigned *)b ? -1 : 1; }

int main(int argc, char **argv) {
  if (argc != 5) return fprintf(stderr, "usage: resolver-load ADDRESS NAMES SECONDS WINDOW\n"), 2;
  unsigned names = (unsigned)atoi(argv[2]), window = (unsigned)atoi(argv[4]), id = 0;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(53)};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  struct timeval second = {1, 0};
  unsigned char message[2048];
  size_t answers = 0, lost = 0, flying = 0;
  if (inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) return 1;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
  long long start = now_us(), end = start + atoll(argv[3]) * 1000000;
  for (long long now = start; now < end; now = now_us()) {
    for (; flying < window; flying++) {
      id = (id + 1) & 0xffff;
      sent_at[id] = now_us();
      if (send(fd, message, write_question(message, id, id % names), 0) < 0) return perror("send"), 1;
    }
    ssize_t got = recv(fd, message, sizeof message, 0);
    if (got < 12) {
      lost += flying;
      flying = 0;
      continue;
    }
    unsigned of = (unsigned)message[0] << 8 | message[1];
    if ((message[3] & 15) != 0 || message[7] == 0) return fprintf(stderr, "an answer without a record: rcode %d\n", message[3] & 15), 1;
    if (answers < SAMPLES) waits[answers] = (unsigned)(now_us() - sent_at[of]);
    answers++;
    flying--;
  }
  double seconds = (double)(now_us() - start) / 1e6;
  size_t count = answers < SAMPLES ? answers : SAMPLES;
  qsort(waits, count, sizeof *waits, by_size);
  printf("%.0f %u %u %zu\n", (double)answers / seconds, count ? waits[count / 2] : 0, count ? waits[count * 99 / 100] : 0, lost);
  return 0;
}

/* Both ends of the network's benchmark, one static file that runs in a box, beside it and on the test internet.
 *
 *   load server PORT PORTS ADDRESS…           prints "ready"
 *   load client ADDRESS PORT MODE NUMBER [CONNECTIONS]
 *     up | down | udp-both SECONDS            prints "BYTES_PER_SECOND LOST_PER_MILLION CPU_US"
 *     ping | udp-ping COUNT                   prints "MEDIAN_NS P90_NS CPU_US"
 *   load open ADDRESS PORT PORTS COUNT PER_SECOND     prints "OPENED FAILED MS"; PER_SECOND 0 is as fast as it can
 *
 * Theory of operation. All clocks are the server's, as a guest's own may be wrong: the client opens connections and says what
 * it wants in its first line, and the server sends or takes, reads its clock and answers with a line of figures. What is sent
 * to the client counts when the client has said that it has all of it. Datagrams go in a window that the client sends back: a flood
 * measures only how much each side throws away. Each connection has a thread; so has each UDP socket, which serves one client at a time. `open` is the exception: it paces itself, so it is for boxes that share the host's clock. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 128 * 1024, DATAGRAM = 1400, PINGS = 100000, LINE = 128, MOST = 64, BACKLOG = 1024, OPENERS = 8, WAIT_MS = 3000 };
enum { STACK = 512 * 1024, WINDOW = 32, LOST_MS = 50 };

static long long now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static _Noreturn void fail(const char *what) {
  perror(what);
  exit(1);
}

static long long cpu_us(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static socklen_t socket_address(const char *text, int port, struct sockaddr_storage *ret) {
  struct sockaddr_in *four = (struct sockaddr_in *)ret;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret;
  memset(ret, 0, sizeof *ret);
  if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)port);
    return sizeof *four;
  }
  if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1) exit(2);
  six->sin6_family = AF_INET6;
  six->sin6_port = htons((uint16_t)port);
  return sizeof *six;
}

static int open_socket(const char *address, int port, int type, bool listens) {
  struct sockaddr_storage place;
  socklen_t size = socket_address(address, port, &place);
  int one = 1, fd = socket(place.ss_family, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (type == SOCK_STREAM) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (listens) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if ((listens ? bind(fd, (struct sockaddr *)&place, size) : connect(fd, (struct sockaddr *)&place, size)) == 0) return fd;
  close(fd);
  return -1;
}

static bool write_whole(int fd, const void *bytes, size_t length) {
  for (size_t at = 0; at < length;) {
    ssize_t n = send(fd, (const char *)bytes + at, length - at, MSG_NOSIGNAL);
    if (n <= 0) return false;
    at += (size_t)n;
  }
  return true;
}

static bool read_line(int fd, char *ret) {
  for (int at = 0; at < LINE - 1; at++) {
    if (recv(fd, ret + at, 1, 0) != 1) return false;
    if (ret[at] != '\n') continue;
    ret[at] = 0;
    return true;
  }
  return false;
}

static int by_size(const void *a, const void *b) {
  long long x = *(const long long *)a, y = *(const long long *)b;
  return x < y ? -1 : x > y;
}

static int say_pings(long long *waits, long count, char *ret) {
  qsort(waits, (size_t)count, sizeof *waits, by_size);
  return snprintf(ret, LINE, "%lld %lld\n", count ? waits[count / 2] : 0, count ? waits[count * 9 / 10] : 0);
}

/* The server. */

static int take(int fd, long seconds, char *block, char *ret) {
  long long bytes = 0, begin = now_ns(), end = begin + seconds * 1000000000LL;
  for (ssize_t n; now_ns() < end && (n = recv(fd, block, BLOCK, 0)) > 0;) bytes += n;
  return snprintf(ret, LINE, "%.0f 0\n", (double)bytes * 1e9 / (double)(now_ns() - begin));
}

static int give(int fd, long seconds, char *block, char *ret) {
  long long bytes = 0, begin = now_ns(), end = begin + seconds * 1000000000LL;
  memset(block, 'x', BLOCK);
  for (; now_ns() < end && write_whole(fd, block, BLOCK);) bytes += BLOCK;
  block[0] = '\n';
  if (!write_whole(fd, block, 1) || recv(fd, block, 1, 0) != 1) bytes = 0;
  return snprintf(ret, LINE, "%.0f 0\n", (double)bytes * 1e9 / (double)(now_ns() - begin));
}

static int ping(int fd, long count, char *ret) {
  long long *waits = calloc(PINGS, sizeof *waits);
  long done = 0;
  char byte = 'p';
  for (; done < count && done < PINGS; done++) {
    long long begin = now_ns();
    if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 || recv(fd, &byte, 1, 0) != 1) break;
    waits[done] = now_ns() - begin;
  }
  int length = say_pings(waits, done, ret);
  free(waits);
  return length;
}

static void *serve_stream(void *data) {
  int fd = (int)(intptr_t)data, length = 0;
  char line[LINE], answer[LINE], mode[LINE] = "", *block = malloc(BLOCK);
  long number = 0;
  if (read_line(fd, line) && sscanf(line, "%s %ld", mode, &number) >= 1) {
    if (!strcmp(mode, "up")) length = take(fd, number, block, answer);
    if (!strcmp(mode, "down")) length = give(fd, number, block, answer);
    if (!strcmp(mode, "ping")) length = ping(fd, number, answer);
    if (!strcmp(mode, "open")) length = snprintf(answer, LINE, "!\n");
    write_whole(fd, answer, (size_t)length);
    /* Not a reset for what is still on its way: the answer would be lost with it. */
    shutdown(fd, SHUT_WR);
    while (recv(fd, block, BLOCK, 0) > 0) continue;
  }
  close(fd);
  free(block);
  return NULL;
}

static void start_thread(void *(*work)(void *), int fd) {
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (pthread_create(&thread, &attributes, work, (void *)(intptr_t)fd) != 0) close(fd);
  pthread_attr_destroy(&attributes);
}

static _Noreturn void *accept_all(void *data) {
  for (int fd = (int)(intptr_t)data, one = 1;;) {
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    if (peer < 0) continue;
    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    start_thread(serve_stream, peer);
  }
}

/* What stays away for a while is lost, and makes room for others. */
static int turn_datagrams(int fd, long seconds, char *block, char *ret) {
  long long sent = 0, back = 0, flying = 0, lost = 0, begin = now_ns(), end = begin + seconds * 1000000000LL;
  struct timeval wait = {0, LOST_MS * 1000}, before;
  socklen_t size = sizeof before;
  getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &before, &size);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  memset(block, 'x', DATAGRAM);
  while (now_ns() < end) {
    for (; flying < WINDOW && send(fd, block, DATAGRAM, 0) == DATAGRAM; flying++) sent++;
    if (recv(fd, block, BLOCK, 0) == DATAGRAM) {
      back++;
      if (flying > 0) flying--;
    } else {
      lost += flying;
      flying = 0;
    }
  }
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &before, sizeof before);
  return snprintf(ret, LINE, "%.0f %lld\n", (double)back * DATAGRAM * 1e9 / (double)(now_ns() - begin), sent > 0 ? lost * 1000000 / sent : 0);
}

/* Connected to the client as long as it is served, so that send(2) and recv(2) do; whoever is new asks until then. */
static _Noreturn void *serve_datagrams(void *data) {
  int fd = (int)(intptr_t)data;
  struct timeval wait = {0, 500000};
  struct sockaddr nobody = {.sa_family = AF_UNSPEC};
  char *block = malloc(BLOCK), answer[LINE], mode[LINE];
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  for (;;) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    long number = 0;
    int length = 0;
    ssize_t n = recvfrom(fd, block, LINE - 1, 0, (struct sockaddr *)&peer, &size);
    if (n <= 0 || n > LINE - 2) continue;
    block[n] = 0;
    if (sscanf(block, "%127s %ld", mode, &number) != 2 || connect(fd, (struct sockaddr *)&peer, size) < 0) continue;
    if (send(fd, "go", 2, 0) != 2) continue;
    if (!strcmp(mode, "udp-both")) length = turn_datagrams(fd, number, block, answer);
    if (!strcmp(mode, "udp-ping")) length = ping(fd, number, answer);
    for (int tries = 0; length > 0 && tries < 5; tries++) {
      send(fd, answer, (size_t)length, 0);
      usleep(20000);
    }
    while (recv(fd, block, BLOCK, MSG_DONTWAIT) > 0) continue;
    connect(fd, &nobody, sizeof nobody);
  }
}

static int server(int argc, char **argv) {
  if (argc < 5) return 2;
  for (int i = 4; i < argc; i++)
    for (int port = atoi(argv[2]); port < atoi(argv[2]) + atoi(argv[3]); port++) {
      int stream = open_socket(argv[i], port, SOCK_STREAM, true), datagrams = open_socket(argv[i], port, SOCK_DGRAM, true);
      if (stream < 0 || datagrams < 0 || listen(stream, BACKLOG) < 0) fail(argv[i]);
      start_thread(accept_all, stream);
      start_thread(serve_datagrams, datagrams);
    }
  printf("ready\n");
  fflush(stdout);
  for (;;) pause();
}

/* The client. */

struct request { const char *address, *mode; int port; long number; double first; long long second; bool failed; };

static void reflect(int fd, char *block, char *ret) {
  for (ssize_t n; (n = recv(fd, block, LINE - 1, 0)) > 0;) {
    if (n == 1 && block[0] == 'p') {
      if (send(fd, block, 1, MSG_NOSIGNAL) != 1) return;
      continue;
    }
    memcpy(ret, block, (size_t)n);
    ret[n] = 0;
    return;
  }
}

static void pour(int fd, char *block) {
  memset(block, 'x', BLOCK);
  for (struct pollfd p = {fd, POLLIN | POLLOUT, 0}; poll(&p, 1, -1) > 0 && !(p.revents & POLLIN);)
    if (send(fd, block, BLOCK, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN) return;
}

static void drink(int fd, char *block) {
  for (ssize_t n; (n = recv(fd, block, BLOCK, 0)) > 0;)
    if (block[n - 1] == '\n') break;
  write_whole(fd, "!", 1);
}

static void ask_stream(struct request *r, char *block, char *ret) {
  int length, fd = open_socket(r->address, r->port, SOCK_STREAM, false);
  if (fd < 0) return;
  length = snprintf(block, LINE, "%s %ld\n", r->mode, r->number);
  if (!write_whole(fd, block, (size_t)length)) return;
  if (!strcmp(r->mode, "ping")) reflect(fd, block, ret);
  if (!strcmp(r->mode, "up")) pour(fd, block);
  if (!strcmp(r->mode, "down")) drink(fd, block);
  if (!*ret) read_line(fd, ret);
  close(fd);
}

static void turn_back(int fd, char *block, char *ret) {
  for (ssize_t n; (n = recv(fd, block, BLOCK, 0)) > 0;) {
    if (n == DATAGRAM) send(fd, block, DATAGRAM, 0);
    if (n <= 2 || n >= LINE) continue;
    memcpy(ret, block, (size_t)n);
    ret[n] = 0;
    return;
  }
}

static void ask_datagrams(struct request *r, char *block, char *ret) {
  int length, fd = open_socket(r->address, r->port, SOCK_DGRAM, false);
  if (fd < 0) return;
  struct pollfd p = {fd, POLLIN, 0};
  ssize_t went = 0;
  /* While the server says its last to another client nobody is there for this one (ICMP: port unreachable). */
  for (int tries = 0; tries < 40 && went != 2; tries++) {
    length = snprintf(block, LINE, "%s %ld\n", r->mode, r->number);
    if (send(fd, block, (size_t)length, 0) == length && poll(&p, 1, WAIT_MS / 10) > 0) went = recv(fd, block, LINE, 0);
    if (went != 2) usleep(50000);
  }
  if (went == 2 && !strcmp(r->mode, "udp-both")) turn_back(fd, block, ret);
  if (went == 2 && !strcmp(r->mode, "udp-ping")) reflect(fd, block, ret);
  close(fd);
}

static void *ask(void *data) {
  struct request *r = data;
  char answer[LINE] = "", *block = malloc(BLOCK);
  if (!strncmp(r->mode, "udp-", 4)) ask_datagrams(r, block, answer);
  else ask_stream(r, block, answer);
  r->failed = sscanf(answer, "%lf %lld", &r->first, &r->second) != 2;
  free(block);
  return NULL;
}

static int client(int argc, char **argv) {
  static struct request requests[MOST];
  pthread_t threads[MOST];
  if (argc < 6) return 2;
  int count = argc > 6 ? atoi(argv[6]) : 1;
  double first = 0;
  long long second = 0;
  if (count < 1 || count > MOST) return 2;
  for (int i = 0; i < count; i++) {
    requests[i] = (struct request){.address = argv[2], .port = atoi(argv[3]), .mode = argv[4], .number = atol(argv[5])};
    if (pthread_create(&threads[i], NULL, ask, &requests[i]) != 0) fail("thread");
  }
  for (int i = 0; i < count; i++) {
    pthread_join(threads[i], NULL);
    if (requests[i].failed) return fprintf(stderr, "the server did not answer\n"), 1;
    first += requests[i].first;
    if (requests[i].second > second) second = requests[i].second;
  }
  printf("%.0f %lld %lld\n", first, second, cpu_us());
  return 0;
}

/* Connections that open, are answered and close, from several threads: the n-th of all has its time. */
static struct { const char *address; int port, ports; long count, per_second; long long begin; _Atomic long next, opened, failed; } opening;

static bool open_one(long number) {
  char byte;
  int fd = open_socket(opening.address, opening.port + (int)(number % opening.ports), SOCK_STREAM, false);
  if (fd < 0) return false;
  struct timeval wait = {WAIT_MS / 1000, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  bool answered = write_whole(fd, "open 0\n", 7) && recv(fd, &byte, 1, 0) == 1;
  close(fd);
  return answered;
}

static void *open_some(void *unused) {
  (void)unused;
  for (long number; (number = opening.next++) < opening.count;) {
    if (opening.per_second > 0) {
      long long at = opening.begin + number * 1000000000LL / opening.per_second;
      struct timespec when = {at / 1000000000, at % 1000000000};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL);
    }
    if (open_one(number)) opening.opened++;
    else opening.failed++;
  }
  return NULL;
}

static int open_many(int argc, char **argv) {
  pthread_t threads[OPENERS];
  if (argc != 7) return 2;
  opening.address = argv[2];
  opening.port = atoi(argv[3]);
  opening.ports = atoi(argv[4]);
  opening.count = atol(argv[5]);
  opening.per_second = atol(argv[6]);
  opening.begin = now_ns();
  for (int i = 0; i < OPENERS; i++)
    if (pthread_create(&threads[i], NULL, open_some, NULL) != 0) fail("thread");
  for (int i = 0; i < OPENERS; i++) pthread_join(threads[i], NULL);
  printf("%ld %ld %lld\n", opening.opened, opening.failed, (now_ns() - opening.begin) / 1000000);
  return 0;
}

int main(int argc, char **argv) {
  int code = argc < 2 ? 2 : !strcmp(argv[1], "server") ? server(argc, argv) : !strcmp(argv[1], "client") ? client(argc, argv) : !strcmp(argv[1], "open") ? open_many(argc, argv) : 2;
  if (code == 2) fprintf(stderr, "usage: load server | client | open …, see the head of load.c\n");
  return code;
}

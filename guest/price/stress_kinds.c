/* The work of each bomb; stress.c says how it is bounded and watched. */
#include "../probe/exhaustion.h"
#include "stress.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { MIB = 1 << 20, PAGE = 4096, LINE = 64, DATAGRAM = 60000 };

/* Takes one MiB after the other, then writes to all that it has, over and over: to each page at first, so that an emulated machine
 * gets there, too, and to each line of a cache from then on. No page is another's twin. */
static int work_memory(const struct stress *stress) {
  static uint64_t *mib[STRESS_AMOUNT];
  uint64_t noise = (uint64_t)getpid();
  for (long has = 0, at = 0;; at = at + 1 < has ? at + 1 : 0) {
    uint64_t *more = has == stress->amount ? MAP_FAILED : mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (more != MAP_FAILED) mib[at = has++] = more, stress_holds(stress, 1);
    else if (has == 0) return errno;
    else stress_high(stress);
    size_t step = (more != MAP_FAILED ? PAGE : LINE) / sizeof noise;
    for (size_t i = 0; i < MIB / sizeof noise; i += step) mib[at][i] = noise += UINT64_C(0x9e3779b97f4a7c15);
    stress_did(stress);
  }
}

/* Forks on and on. Where it has its share, or may have no more, the oldest must go for the next. */
static int work_fork(const struct stress *stress) {
  static pid_t ring[STRESS_AMOUNT];
  for (long has = 0, oldest = 0;;) {
    pid_t pid = has < stress->amount ? stress_child() : -1;
    if (pid == 0)
      for (;;) pause();
    if (pid > 0) {
      ring[(oldest + has++) % STRESS_AMOUNT] = pid;
      stress_holds(stress, 1);
      stress_did(stress);
      continue;
    }
    if (has == 0) return errno;
    stress_high(stress);
    kill(ring[oldest], SIGKILL);
    waitpid(ring[oldest], NULL, 0);
    oldest = (oldest + 1) % STRESS_AMOUNT;
    has--;
    stress_holds(stress, -1);
  }
}

/* "A tight loop containing both integer and floating point operations" (2007). */
_Noreturn static int work_cpu(const struct stress *stress) {
  for (;;) {
    volatile uint64_t integer = 1;
    volatile double real = 1;
    for (int i = 0; i < 1000000; i++) integer = integer * 6364136223846793005u + 1, real = real * 1.0000001 + 0.5;
    stress_did(stress);
    stress_high(stress);
  }
}

/* Writes a file, waits for the disk, reads it, and writes it anew (2007: IOzone with ten threads, each reading and writing). */
static int work_disk(const struct stress *stress) {
  static char text[MIB];
  int fd = -1;
  for (char **folder = stress->folders; *folder && fd < 0; folder++) fd = exhaustion_nameless(*folder);
  if (fd < 0) return errno ? errno : ENOENT;
  for (long has = 0;;) {
    long made = 0;
    for (; made < stress->amount && exhaustion_write_mib(fd); made++) {
      if (made >= has) has++, stress_holds(stress, 1);
      stress_did(stress);
      stress_high(stress);
    }
    if (made == 0) return errno ? errno : ENOSPC;
    fdatasync(fd); /* files in memory know none */
    if (lseek(fd, 0, SEEK_SET) < 0) return errno;
    while (made-- > 0 && read(fd, text, sizeof text) > 0) continue;
    if (lseek(fd, 0, SEEK_SET) < 0) return errno;
  }
}

static int send_to(const struct stress *stress, int to, bool counts) {
  static char datagram[DATAGRAM];
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || getsockname(to, (struct sockaddr *)&address, &length) < 0) return errno;
  for (;;) {
    ssize_t n = sendto(fd, datagram, sizeof datagram, 0, (struct sockaddr *)&address, length);
    if (n < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EINTR && errno != ECONNREFUSED) return errno;
    if (n > 0 && counts) stress_did(stress), stress_high(stress);
  }
}

/* "Sending 60K packets over UDP" by four threads (2007), there to other machines: here to a socket of the box that nobody reads. */
static int work_transmit(const struct stress *stress) { return send_to(stress, stress->sockets[stress->worker], true); }

/* "Constantly reading 60K packets over UDP" from senders outside (2007): here a half of the workers floods the other half. */
static int work_receive(const struct stress *stress) {
  static char datagram[DATAGRAM];
  int from = stress->sockets[stress->worker / 2];
  if (stress->worker % 2) return send_to(stress, from, false);
  for (;;) {
    ssize_t n = recv(from, datagram, sizeof datagram, 0);
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) stress_did(stress), stress_high(stress);
  }
}

const struct stress_kind stress_kinds[] = {
    {"memory", "MiB", work_memory},         {"fork", "processes", work_fork},
    {"cpu", "rounds", work_cpu},            {"disk", "MiB", work_disk},
    {"transmit", "datagrams", work_transmit}, {"receive", "datagrams", work_receive},
    {NULL, NULL, NULL}};

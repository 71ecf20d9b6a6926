/* Channels between two boxes that share nothing but the machine: the sender is busy, or many, in one half of a bit's time, the
 * first for 1 and the second for 0; the hearer samples every few ms how much it gets done, or how many there are (Lampson, "A
 * note on the confinement problem", 1973). The outer half finds the bits in the samples. */
#include "identity.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

enum { MOST_SAMPLES = 4000, MOST_BITS = 64, MOST_CHILDREN = 256, CROWD = 24, EACH = 4, MOST_HEARERS = 16 };

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void sleep_until(double ms) {
  double rest = ms - now_ms();
  if (rest > 0) usleep((useconds_t)(rest * 1e3));
}

static bool busy(const char *bits, int half) { return (bits[half / 2] == '1') == (half % 2 == 0); }

static bool good(int argc, char **argv, const char **ret_bits, int *ret_half_ms) {
  if (argc != 2 || strlen(argv[1]) > MOST_BITS) return false;
  *ret_half_ms = atoi(argv[0]);
  *ret_bits = argv[1];
  return *ret_half_ms >= 5 && *ret_half_ms <= 200;
}

static void burn(const char *bits, int half_ms, double start) {
  int halves = (int)strlen(bits) * 2;
  for (int half = 0; half < halves; half++) {
    double end = start + (half + 1) * half_ms;
    if (!busy(bits, half)) sleep_until(end);
    else while (now_ms() < end) continue;
  }
}

/* send-cpu HALF_MS BITS, on every processor, and by so many that whoever else works there gets a fifth (sched(7)) */
int run_send_cpu(int argc, char **argv) {
  const char *bits;
  int half_ms;
  if (!good(argc, argv, &bits, &half_ms)) return 2;
  long count = sysconf(_SC_NPROCESSORS_ONLN) * EACH;
  double start = now_ms() + 50;
  for (long i = 1; i < count && i < MOST_CHILDREN; i++)
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      sleep_until(start);
      burn(bits, half_ms, start);
      _exit(0);
    }
  sleep_until(start);
  burn(bits, half_ms, start);
  while (wait(NULL) > 0) continue;
  tell("sent");
  return 0;
}

static bool good_samples(int argc, char **argv, int *ret_samples, int *ret_each_ms) {
  if (argc != 2) return false;
  *ret_each_ms = atoi(argv[1]);
  *ret_samples = *ret_each_ms < 1 ? 0 : atoi(argv[0]) / *ret_each_ms;
  return *ret_samples >= 1 && *ret_samples <= MOST_SAMPLES;
}

/* What one hearer gets done in each sample's time. */
static int count_rounds(volatile unsigned *counts, int samples, int each_ms, double start, volatile bool *stop, bool first) {
  int i = 0;
  for (; i < samples && !*stop && !(first && let_go()); i++)
    for (double end = start + (i + 1) * each_ms; now_ms() < end; counts[i]++) continue;
  return i;
}

/* hear-cpu MS EACH_MS, or until it is let go: by one on every processor, as the scheduler moves a single one to where it is quiet */
int run_hear_cpu(int argc, char **argv) {
  int samples, each_ms;
  if (!good_samples(argc, argv, &samples, &each_ms)) return 2;
  long hearers = sysconf(_SC_NPROCESSORS_ONLN);
  if (hearers < 1) hearers = 1;
  if (hearers > MOST_HEARERS) hearers = MOST_HEARERS;
  size_t size = (size_t)hearers * MOST_SAMPLES * sizeof(unsigned);
  unsigned *counts = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  volatile bool *stop = mmap(NULL, sizeof *stop, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (counts == MAP_FAILED || stop == MAP_FAILED) return refused();
  tell("hearing");
  double start = now_ms();
  for (long k = 1; k < hearers; k++)
    if (fork() == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      count_rounds(counts + k * MOST_SAMPLES, samples, each_ms, start, stop, false);
      _exit(0);
    }
  int heard = count_rounds(counts, samples, each_ms, start, stop, true);
  *stop = true;
  while (wait(NULL) > 0) continue;
  for (int i = 0; i < heard; i++) {
    unsigned rounds = 0;
    for (long k = 0; k < hearers; k++) rounds += counts[k * MOST_SAMPLES + i];
    printf("%u ", rounds);
  }
  tell("heard");
  return 0;
}

/* send-crowd HALF_MS BITS */
int run_send_crowd(int argc, char **argv) {
  const char *bits;
  int half_ms;
  if (!good(argc, argv, &bits, &half_ms)) return 2;
  double start = now_ms() + 50;
  for (int half = 0; half < (int)strlen(bits) * 2; half++) {
    pid_t pids[CROWD];
    sleep_until(start + half * half_ms);
    for (int i = 0; i < CROWD && busy(bits, half); i++)
      if ((pids[i] = fork()) == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (;;) pause();
      }
    sleep_until(start + (half + 1) * half_ms);
    for (int i = 0; i < CROWD && busy(bits, half); i++)
      if (pids[i] > 0) kill(pids[i], SIGKILL);
    while (wait(NULL) > 0) continue;
  }
  tell("sent");
  return 0;
}

/* hear-crowd MS EACH_MS, or until it is let go: how many processes the kernel has, which /proc/loadavg counts over all namespaces (proc_loadavg(5)) */
int run_hear_crowd(int argc, char **argv) {
  int samples, each_ms;
  if (!good_samples(argc, argv, &samples, &each_ms)) return 2;
  tell("hearing");
  double start = now_ms();
  for (int i = 0; i < samples && !let_go(); i++) {
    int count = 0;
    FILE *file = fopen("/proc/loadavg", "re");
    if (!file) return refused();
    if (fscanf(file, "%*s %*s %*s %*d/%d", &count) != 1) count = 0;
    fclose(file);
    printf("%d ", count);
    sleep_until(start + (i + 1) * each_ms);
  }
  tell("heard");
  return 0;
}

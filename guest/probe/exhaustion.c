/* Bombs. Each is bounded by the words of the outer half, tells `set N` once it has what it could get, and gives all back when it
 * is let go or killed: what decides is what was missing on the host in between (src/exam/catalogue/exhaustion). */
#include "exhaustion.h"
#include "probe.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

enum { PROCESSES_MOST = 8192, MEMORY_MOST_MIB = 1024, BURNERS_MOST = 256, BURN_MOST_MS = 10000 };

static long number(const char *word, long most) {
  long value = strtol(word, NULL, 10);
  return value < 0 ? 0 : value > most ? most : value;
}

/* They end with this one: the outer half may only be able to kill it. */
static pid_t child(void) {
  pid_t pid = fork();
  if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  return pid;
}

static int run_bomb_processes(int argc, char **argv) {
  if (argc != 1) return 2;
  long most = number(argv[0], PROCESSES_MOST), made = 0;
  for (; made < most; made++) {
    pid_t pid = child();
    if (pid < 0) break;
    if (pid == 0)
      for (;;) pause();
    if (made % 512 == 511) tell("made %ld", made + 1);
  }
  tell("set %ld", made);
  hold();
  return 0;
}

/* Noise, so that no page is another's twin. */
static int run_bomb_memory(int argc, char **argv) {
  if (argc != 1) return 2;
  long most = number(argv[0], MEMORY_MOST_MIB), made = 0;
  for (; made < most; made++) {
    uint64_t *mib = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mib == MAP_FAILED) break;
    for (size_t at = 0; at < (1 << 20) / sizeof *mib; at++) mib[at] = (at + 1) * 0x9e3779b97f4a7c15u ^ (uint64_t)made;
    if (made % 64 == 63) tell("made %ld", made + 1);
  }
  tell("set %ld", made);
  hold();
  return 0;
}

static long milliseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int run_bomb_cpu(int argc, char **argv) {
  if (argc != 2) return 2;
  long most = number(argv[0], BURNERS_MOST), until = milliseconds(CLOCK_MONOTONIC) + number(argv[1], BURN_MOST_MS), made = 0;
  for (; made < most; made++) {
    pid_t pid = child();
    if (pid < 0) break;
    if (pid == 0) {
      while (milliseconds(CLOCK_MONOTONIC) < until)
        for (volatile int spin = 0; spin < 100000; spin++) continue;
      _exit(0);
    }
  }
  tell("set %ld", made);
  hold();
  return 0;
}

/* work ROUNDS: the neighbour. Tells how many microseconds each round of one fixed work has taken. */
static int run_work(int argc, char **argv) {
  if (argc != 1) return 2;
  for (long round = number(argv[0], 50); round > 0; round--) {
    struct timespec began, now;
    clock_gettime(CLOCK_MONOTONIC, &began);
    for (volatile long spin = 0; spin < 20000000; spin++) continue;
    clock_gettime(CLOCK_MONOTONIC, &now);
    tell("%ld", (now.tv_sec - began.tv_sec) * 1000000 + (now.tv_nsec - began.tv_nsec) / 1000);
  }
  return 0;
}

const struct verb exhaustion_verbs[] = {{"bomb-processes", run_bomb_processes},
                                        {"bomb-memory", run_bomb_memory},
                                        {"bomb-cpu", run_bomb_cpu},
                                        {"bomb-fill", run_bomb_fill},
                                        {"bomb-files", run_bomb_files},
                                        {"bomb-io", run_bomb_io},
                                        {"bomb-open", run_bomb_open},
                                        {"bomb-send", run_bomb_send},
                                        {"work", run_work},
                                        {NULL, NULL}};

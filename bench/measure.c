/* Runs commands in turn, A B C A B C …, and prints each run's cost as the kernel has accounted it (wait4(2)): one
 * line a run, "CASE WALL_NS CPU_US MAXRSS_KB EXIT". Commands are separated by "---"; their output is thrown away.
 * A harness inside a runtime would measure that runtime's own event loop as well. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
enum { MAX_CASES = 16 };

static long long now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int measure(int number, char **argv) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (int fd = 0; fd < 3; fd++) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  long long start = now_ns();
  pid_t pid;
  if (posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ) != 0) return fprintf(stderr, "cannot start %s\n", argv[0]), 1;
  int status;
  struct rusage usage;
  wait4(pid, &status, 0, &usage);
  long long wall = now_ns() - start;
  long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  printf("%d %lld %ld %ld %d\n", number, wall, cpu, usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  posix_spawn_file_actions_destroy(&actions);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 4) return fprintf(stderr, "usage: measure RUNS --- COMMAND… [--- COMMAND…]\n"), 2;
  char **cases[MAX_CASES];
  int count = 0;
  for (int i = 2; i < argc; i++)
    if (!strcmp(argv[i], "---")) {
      argv[i] = NULL;
      if (count == MAX_CASES || i + 1 == argc) return fprintf(stderr, "too many cases, or an empty one\n"), 2;
      cases[count++] = argv + i + 1;
    }
  for (int run = 0; run < atoi(argv[1]); run++)
    for (int i = 0; i < count; i++)
      if (measure(i, cases[i])) return 1;
  return 0;
}

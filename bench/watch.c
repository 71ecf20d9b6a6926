/* Runs one command and says what it cost, as the kernel has accounted it: a line of output for each line of the
 * command's own, and one for its end.
 *
 *   watch DEADLINE_SECONDS COMMAND…
 *   line WALL_NS CPU_NS TEXT
 *   end WALL_NS CPU_NS STATUS MAXRSS_KB       STATUS 124: killed at the deadline
 *
 * Theory of operation
 *
 * wait4(2) knows nothing of processes that were killed together with their pid namespace, and so nothing of the VMM in
 * a jail: the kernel reaps them unaccounted (zap_pid_ns_processes). A performance event that is inherited counts
 * them all, ended and running, and can be read at any line (perf_event_open(2), inherit). Where it is not allowed the
 * figures are wait4's, at the end only, and the first line says "cpu wait4" instead of "cpu perf". A program
 * that gains privileges (newuidmap) is not counted: 1 ms.
 *
 * The lines' clock is this program's, so a guest whose clock is wrong has no say in it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 512, HUNG = 124 };

static long long now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int count_cpu(pid_t pid) {
  struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_TASK_CLOCK};
  attr.inherit = attr.disabled = attr.enable_on_exec = 1;
  attr.exclude_kernel = attr.exclude_hv = 1; /* an ordinary user must say so; this clock counts the kernel all the same */
  return (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

static long long read_cpu(int fd) {
  long long ns = -1;
  return fd >= 0 && read(fd, &ns, sizeof ns) == sizeof ns ? ns : -1;
}

/* The child waits for a byte, so that it is counted from its very exec. */
static pid_t start(char **argv, int *ret_out, int *ret_perf) {
  int out[2], go[2];
  if (pipe2(out, O_CLOEXEC) < 0 || pipe2(go, O_CLOEXEC) < 0) exit(2);
  pid_t pid = fork();
  if (pid == 0) {
    char byte;
    int null = open("/dev/null", O_RDWR);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);
    if (null < 0 || dup2(null, 0) < 0 || dup2(out[1], 1) < 0 || dup2(out[1], 2) < 0 || read(go[0], &byte, 1) != 1) _exit(127);
    execvp(argv[0], argv);
    _exit(127);
  }
  if (pid < 0) exit(2);
  *ret_perf = count_cpu(pid);
  close(out[1]);
  if (write(go[1], "", 1) != 1) exit(2);
  close(go[0]);
  close(go[1]);
  *ret_out = out[0];
  return pid;
}

static void take(const char *bytes, ssize_t length, long long start, int perf) {
  static char line[LINE_BYTES];
  static size_t used;
  long long wall = now_ns() - start;
  for (ssize_t i = 0; i < length; i++) {
    if (bytes[i] == '\n') {
      printf("line %lld %lld %.*s\n", wall, read_cpu(perf), (int)used, line);
      used = 0;
    } else if (bytes[i] != '\r' && used < sizeof line) line[used++] = bytes[i];
  }
}

int main(int argc, char **argv) {
  if (argc < 3) return fprintf(stderr, "usage: watch DEADLINE_SECONDS COMMAND…\n"), 2;
  long long deadline = atoll(argv[1]) * 1000000000LL;
  int out, perf, status = 0;
  bool hung = false;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  pid_t pid = start(argv + 2, &out, &perf);
  long long begin = now_ns();
  printf("cpu %s\n", perf < 0 ? "wait4" : "perf");
  for (;;) {
    char bytes[4096];
    long long left = deadline - (now_ns() - begin);
    struct pollfd fd = {out, POLLIN, 0};
    int found = left > 0 ? poll(&fd, 1, (int)(left / 1000000) + 1) : 0;
    if (found < 0 && errno != EINTR) return 2;
    if (found == 0 && !hung) {
      hung = true;
      deadline += 20000000000LL; /* for it to go; then nobody waits any longer */
      kill(-pid, SIGKILL);
    } else if (found == 0) break;
    if (found <= 0) continue;
    ssize_t n = read(out, bytes, sizeof bytes);
    if (n == 0 || (n < 0 && errno != EINTR)) break;
    take(bytes, n, begin, perf);
  }
  struct rusage usage;
  while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR);
  long long wall = now_ns() - begin, cpu = read_cpu(perf);
  if (cpu < 0)
    cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000LL + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000LL;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  printf("end %lld %lld %d %ld\n", wall, cpu, hung ? HUNG : code, usage.ru_maxrss);
  return 0;
}

/* What a program asks of its kernel: calls, memory, other processes. A child lives no longer than its parent: it reads the end of its
 * pipe, and is killed where the kernel knows how (PR_SET_PDEATHSIG). */
#include "price.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { CALLS = 1000, PAGES = 256, PAGE = 4096, TRIPS = 100, PIPED = 4 << 20, CHUNK = 64 << 10, FORKS = 10, PROGRAMS = 5 };
/* How price-nothing ends, which no other program does by chance. */
enum { NOTHING_CODE = 23 };

/* Its own parent is another in every box: what counts is how often the answer was the same. */
static int64_t calls(void *own) {
  int64_t same = 0;
  pid_t parent = *(const pid_t *)own;
  for (int i = 0; i < CALLS; i++) same += getppid() == parent;
  return same;
}

static int run_calls(int argc, char **argv) {
  pid_t parent = getppid();
  return argc == 1 ? price_run(argv[0], calls, &parent) : 2;
}

static int64_t faults(void *own) {
  size_t length = (size_t)PAGES * PAGE;
  int64_t sum = 0;
  (void)own;
  void *fresh = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (fresh == MAP_FAILED) return -1;
  volatile unsigned char *bytes = fresh; /* each touch is one */
  for (size_t i = 0; i < PAGES; i++) bytes[i * PAGE] = (unsigned char)(i * 7 + 1);
  for (size_t i = 0; i < PAGES; i++) sum += bytes[i * PAGE];
  return munmap(fresh, length) < 0 ? -1 : sum;
}

static int run_faults(int argc, char **argv) {
  if (argc != 1) return 2;
  prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* a fault is to bring one page (Documentation/admin-guide/mm/transhuge.rst) */
  return price_run(argv[0], faults, NULL);
}

/* A child at the other end of two pipes. */
struct child {
  pid_t pid;
  int to, from;
};

_Noreturn static void serve(const int in[2], const int out[2], void (*work)(int in, int out)) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  close(in[1]), close(out[0]);
  work(in[0], out[1]);
  _exit(0);
}

static bool start(struct child *ret_child, void (*work)(int in, int out)) {
  int in[2], out[2];
  signal(SIGPIPE, SIG_IGN); /* a child that has ended is told as errno */
  if (pipe2(in, O_CLOEXEC) < 0) return false;
  if (pipe2(out, O_CLOEXEC) < 0) return close(in[0]), close(in[1]), false;
  pid_t pid = fork();
  if (pid == 0) serve(in, out, work);
  int why = errno;
  close(in[0]), close(out[1]);
  *ret_child = (struct child){pid, in[1], out[0]};
  if (pid > 0) return true;
  close(in[1]), close(out[0]);
  errno = why;
  return false;
}

/* Waits for the child's exit code; 256 and more where a signal has ended it. */
static int reap(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return 256;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

static void end(const struct child *child) {
  close(child->to), close(child->from);
  reap(child->pid);
}

static int run_with_child(int argc, char **argv, void (*work)(int in, int out), batch_function *batch) {
  struct child child;
  if (argc != 1) return 2;
  if (!start(&child, work)) return refused();
  int code = price_run(argv[0], batch, &child);
  end(&child);
  return code;
}

static void return_bytes(int in, int out) {
  unsigned char byte;
  while (price_read_whole(in, &byte, 1)) {
    byte++;
    if (!price_write_whole(out, &byte, 1)) return;
  }
}

static int64_t switches(void *own) {
  const struct child *child = own;
  int64_t sum = 0;
  for (int i = 0; i < TRIPS; i++) {
    unsigned char byte = (unsigned char)i;
    if (!price_write_whole(child->to, &byte, 1) || !price_read_whole(child->from, &byte, 1)) return -1;
    sum += byte;
  }
  return sum;
}

/* Where the kernel does not let it, on as many processors as it likes: that is what the technology makes of it. */
static void stay_on_this_processor(void) {
  cpu_set_t one;
  int processor = sched_getcpu();
  if (processor < 0 || processor >= CPU_SETSIZE) return;
  CPU_ZERO(&one);
  CPU_SET((size_t)processor, &one);
  sched_setaffinity(0, sizeof one, &one);
}

static int run_switches(int argc, char **argv) {
  stay_on_this_processor();
  return run_with_child(argc, argv, return_bytes, switches);
}

static unsigned char chunk[CHUNK];

static void sum_bytes(int in, int out) {
  for (;;) {
    uint64_t sum = 0;
    for (size_t done = 0; done < PIPED; done += CHUNK) {
      if (!price_read_whole(in, chunk, CHUNK)) return;
      sum += price_sum(chunk, CHUNK);
    }
    if (!price_write_whole(out, &sum, sizeof sum)) return;
  }
}

static int64_t piped(void *own) {
  const struct child *child = own;
  uint64_t sum;
  for (size_t done = 0; done < PIPED; done += CHUNK)
    if (!price_write_whole(child->to, chunk, CHUNK)) return -1;
  return price_read_whole(child->from, &sum, sizeof sum) ? price_check(sum) : -1;
}

static int run_pipe(int argc, char **argv) {
  price_fill(chunk, CHUNK, 2);
  return run_with_child(argc, argv, sum_bytes, piped);
}

static int64_t forks(void *own) {
  int64_t sum = 0;
  (void)own;
  for (int i = 1; i <= FORKS; i++) {
    pid_t pid = fork();
    if (pid == 0) _exit(i);
    if (pid < 0) return -1;
    sum += reap(pid);
  }
  return sum;
}

static int run_forks(int argc, char **argv) { return argc == 1 ? price_run(argv[0], forks, NULL) : 2; }

static int64_t programs(void *own) {
  char *words[] = {"glovebox-probe", "price-nothing", NULL}, *environment[] = {NULL};
  int64_t sum = 0;
  for (int i = 0; i < PROGRAMS; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      execve(own, words, environment);
      _exit(127);
    }
    if (pid < 0) return -1;
    int code = reap(pid);
    if (code != NOTHING_CODE) return errno = ENOEXEC, -1;
    sum += code;
  }
  return sum;
}

/* By the path that this program was started by (getauxval(3), AT_EXECFN), which needs no /proc; by /proc where that path is gone, as
 * in a sandbox that opens its command first and moves it out of sight. */
static int run_programs(int argc, char **argv) {
  char *path = (char *)(uintptr_t)getauxval(AT_EXECFN);
  if (!path || access(path, X_OK) < 0) path = "/proc/self/exe";
  return argc == 1 ? price_run(argv[0], programs, path) : 2;
}

static int run_nothing(int argc, char **argv) {
  (void)argc, (void)argv;
  return NOTHING_CODE;
}

const struct verb price_kernel_verbs[] = {
    {"price-calls", run_calls}, {"price-faults", run_faults},     {"price-switches", run_switches}, {"price-pipe", run_pipe},
    {"price-forks", run_forks}, {"price-programs", run_programs}, {"price-nothing", run_nothing},   {NULL, NULL}};

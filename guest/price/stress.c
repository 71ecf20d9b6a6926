/* What a bad neighbour does: bombs that go on until they are let go.
 *
 * Theory of operation
 *
 *   price-stress KIND WORKERS AMOUNT MILLISECONDS [FOLDER…]
 *
 * The kinds are those of Matthews et al. (ExpCS 2007): memory, fork, cpu, disk, transmit, receive. The bombs of the exam
 * (guest/probe/exhaustion.c) take something, tell and sit on it, as what is asked there is how much was to be had. A neighbour is hurt by
 * what is being done, so these work on: WORKERS processes repeat one piece of work and count in memory that they share. This process
 * only watches. It tells `set` when the bomb is at its height: holds what it
 * can, or was killed for it, or has done a first piece where it holds nothing. And in the end
 *
 *   did N UNIT most M killed K over B
 *
 * M is the most that was held at once, of processes or MiB. K says how often the kernel has killed a worker, for the memory that it took
 * for instance: it is started anew, as a bad neighbour would. B is 1 where the time was up before standard input ended.
 *
 * Bounds: 8 workers, and AMOUNT, at most 512, is of all of them together: living processes, MiB of memory, MiB of files. */
#include "stress.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { MOST_MS = 120000, MOST_KILLED = 1000, LOOK_MS = 20 };

void stress_did(const struct stress *stress) { atomic_fetch_add(&stress->count->did, 1); }

void stress_holds(const struct stress *stress, long more) {
  atomic_fetch_add(&stress->count->holds[stress->worker], more);
  long holds = 0, most = atomic_load(&stress->count->most);
  for (int i = 0; i < stress->workers; i++) holds += atomic_load(&stress->count->holds[i]);
  while (holds > most && !atomic_compare_exchange_weak(&stress->count->most, &most, holds)) continue;
}

void stress_high(const struct stress *stress) { atomic_store(&stress->count->high, true); }

pid_t stress_child(void) {
  pid_t parent = getpid(), pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != parent) _exit(1);
  }
  return pid;
}

/* A group of its own for each worker, so that all that it has forked goes with it. */
static pid_t start_worker(const struct stress_kind *kind, struct stress *stress, int worker) {
  stress->worker = worker;
  pid_t pid = stress_child();
  if (pid == 0) {
    setpgid(0, 0);
    atomic_store(&stress->count->failed, kind->work(stress));
    _exit(1);
  }
  if (pid > 0) setpgid(pid, pid);
  return pid;
}

/* Buries the dead. Workers that were killed are started anew; returns how many live. How they ended is not asked for: where the host's
 * kernel kills what stands for a process of gVisor, that process has exited with 1. */
static int look_after(const struct stress_kind *kind, struct stress *stress, pid_t workers[STRESS_WORKERS], long *killed) {
  int live = 0;
  for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;)
    for (int i = 0; i < stress->workers; i++) {
      if (workers[i] != pid) continue;
      kill(-pid, SIGKILL); /* what it had forked */
      workers[i] = -1;
      if (atomic_load(&stress->count->failed) || ++*killed > MOST_KILLED) continue;
      atomic_store(&stress->count->holds[i], 0);
      workers[i] = start_worker(kind, stress, i);
    }
  for (int i = 0; i < stress->workers; i++) live += workers[i] > 0;
  return live;
}

/* All are gone when this returns: those that a dead worker has left come to this process (PR_SET_CHILD_SUBREAPER), where the kernel
 * knows that, and else to the box's first one. */
static void end_all(const struct stress *stress, const pid_t workers[STRESS_WORKERS]) {
  for (int i = 0; i < stress->workers; i++)
    if (workers[i] > 0) kill(-workers[i], SIGKILL), kill(workers[i], SIGKILL);
  while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) continue;
}

static int loopback_socket(void) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return fd >= 0 && bind(fd, (struct sockaddr *)&here, sizeof here) == 0 ? fd : -1;
}

static int watch(const struct stress_kind *kind, struct stress *stress, long milliseconds) {
  pid_t workers[STRESS_WORKERS];
  long killed = 0;
  bool told = false, over = false, asked = false;
  int64_t end = price_clock_ns() + milliseconds * INT64_C(1000000);
  for (int i = 0; i < stress->workers; i++) workers[i] = start_worker(kind, stress, i);
  while (!asked && !over && look_after(kind, stress, workers, &killed) > 0) {
    if (!told && (killed > 0 || atomic_load(&stress->count->high))) tell("set"), told = true;
    struct pollfd input = {0, POLLIN, 0};
    asked = poll(&input, 1, LOOK_MS) > 0;
    over = price_clock_ns() > end;
  }
  end_all(stress, workers);
  if (!asked && !over) {
    errno = atomic_load(&stress->count->failed);
    return refused();
  }
  tell("did %ld %s most %ld killed %ld over %d", atomic_load(&stress->count->did), kind->unit, atomic_load(&stress->count->most), killed,
       !asked);
  return 0;
}

int run_stress(int argc, char **argv) {
  if (argc < 4) return 2;
  const struct stress_kind *kind = stress_kinds;
  while (kind->name && strcmp(kind->name, argv[0])) kind++;
  long workers = strtol(argv[1], NULL, 10), amount = strtol(argv[2], NULL, 10), milliseconds = strtol(argv[3], NULL, 10);
  if (!kind->name || workers < 1 || workers > STRESS_WORKERS || amount < workers || amount > STRESS_AMOUNT || milliseconds < 1 ||
      milliseconds > MOST_MS)
    return 2;
  struct stress stress = {.workers = (int)workers, .amount = amount / workers, .folders = argv + 4};
  stress.count = mmap(NULL, sizeof *stress.count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (stress.count == MAP_FAILED) return refused();
  for (int i = 0; i < STRESS_WORKERS; i++)
    if ((stress.sockets[i] = loopback_socket()) < 0) return refused();
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  return watch(kind, &stress, milliseconds);
}

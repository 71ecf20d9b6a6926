/* What is done inside every machine that the benchmark compares: one static program, the same file on every side.
 *
 *   workload boot                     says that it runs
 *   workload wait                     says so, and waits to be killed
 *   workload steady NAME=OPERATIONS…  does one row after the other
 *   workload nothing                  what fork+exec executes
 *
 * Lines are for bench/watch.c, whose clock times them: "row NAME begin", and "row NAME OPERATIONS PROOF" behind the
 * work. The proof is a number that only the work itself gives; it is the same on every machine. As a kernel's
 * process 1, it switches the machine off behind its work. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOP = 1000, PAGES = 64, PAGE = 4096, BLOCK = 65536 };

/* Seen by the image's path, on every side a file of the image. */
static const char *const own_path = "/usr/bin/glovebox-workload";
extern char **environ;

_Noreturn static void end(int code) {
  if (getpid() == 1) {
    sync();
    reboot(RB_POWER_OFF);
  }
  exit(code);
}

_Noreturn static void fail(const char *what) {
  printf("failed: %s: %m\n", what);
  fflush(stdout);
  end(1);
}

static uint64_t loop(long operations) {
  uint64_t x = 1;
  for (long i = 0; i < operations * LOOP; i++) x = x * 6364136223846793005ULL + 1442695040888963407ULL;
  return x;
}

static uint64_t getpids(long operations) {
  uint64_t same = 0, own = (uint64_t)getpid();
  for (long i = 0; i < operations; i++) same += (uint64_t)syscall(SYS_getpid) == own;
  return same;
}

static uint64_t opens(long operations) {
  uint64_t done = 0;
  for (long i = 0; i < operations; i++) {
    int fd = open(own_path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("open");
    done += close(fd) == 0;
  }
  return done;
}

static uint64_t stats(long operations) {
  uint64_t done = 0;
  struct stat found;
  for (long i = 0; i < operations; i++) done += stat(own_path, &found) == 0 && found.st_size > PAGE;
  return done;
}

static uint64_t faults(long operations) {
  uint64_t pages = 0;
  for (long i = 0; i < operations; i++) {
    volatile char *at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) fail("mmap");
    for (int page = 0; page < PAGES; page++) at[page * PAGE] = 1;
    for (int page = 0; page < PAGES; page++) pages += (uint64_t)at[page * PAGE];
    munmap((void *)at, PAGES * PAGE);
  }
  return pages;
}

static uint64_t execs(long operations) {
  uint64_t done = 0;
  char *argv[] = {"workload", "nothing", NULL};
  for (long i = 0; i < operations; i++) {
    pid_t pid;
    int status = 1;
    if (posix_spawn(&pid, own_path, NULL, NULL, argv, environ) != 0) fail("posix_spawn");
    waitpid(pid, &status, 0);
    done += status == 0;
  }
  return done;
}

/* Blocks to another process, each answered by a byte. */
static uint64_t blocks(long operations, int to, int from, int peer_from, int peer_to) {
  static char block[BLOCK];
  uint64_t answered = 0;
  fflush(stdout);
  pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    for (long i = 0; i < operations; i++) {
      for (size_t got = 0; got < BLOCK;) {
        ssize_t n = read(peer_from, block, BLOCK - got);
        if (n <= 0) _exit(1);
        got += (size_t)n;
      }
      if (write(peer_to, "", 1) != 1) _exit(1);
    }
    _exit(0);
  }
  for (long i = 0; i < operations; i++) {
    char answer;
    for (size_t sent = 0; sent < BLOCK;) {
      ssize_t n = write(to, block, BLOCK - sent);
      if (n <= 0) fail("write");
      sent += (size_t)n;
    }
    answered += read(from, &answer, 1) == 1;
  }
  waitpid(pid, NULL, 0);
  return answered;
}

static uint64_t pipes(long operations) {
  int there[2], back[2];
  if (pipe(there) < 0 || pipe(back) < 0) fail("pipe");
  uint64_t done = blocks(operations, there[1], back[0], there[0], back[1]);
  for (int i = 0; i < 2; i++) close(there[i]), close(back[i]);
  return done;
}

static uint64_t tcp(long operations) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0), here = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1) < 0) fail("listen");
  getsockname(listener, (struct sockaddr *)&address, &length);
  if (connect(here, (struct sockaddr *)&address, length) < 0) fail("connect");
  int peer = accept(listener, NULL, NULL);
  uint64_t done = blocks(operations, here, here, peer, peer);
  close(listener), close(here), close(peer);
  return done;
}

static const struct row { const char *name; uint64_t (*work)(long operations); } rows[] = {
  {"loop", loop}, {"getpid", getpids}, {"open+close", opens}, {"stat", stats},
  {"faults", faults}, {"fork+exec", execs}, {"pipe", pipes}, {"tcp", tcp}};

static void run_row(const char *word) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    size_t length = strlen(rows[i].name);
    if (strncmp(word, rows[i].name, length) != 0 || word[length] != '=') continue;
    long operations = atol(word + length + 1);
    rows[i].work(1 + operations / 10); /* what is done once only is not timed */
    printf("row %s begin\n", rows[i].name);
    uint64_t proof = rows[i].work(operations);
    printf("row %s %ld %llu\n", rows[i].name, operations, (unsigned long long)proof);
  }
  /* Any other word is a kernel's: User-Mode Linux adds root=98:0 to the end of its line. */
}

static void loopback_up(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (getuid() == 0) ioctl(fd, SIOCSIFFLAGS, &request);
  close(fd);
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  /* A kernel puts words of its command line that it does not know in front. */
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "nothing")) return 0;
    bool waits = strcmp(argv[i], "wait") == 0;
    if (waits || !strcmp(argv[i], "boot")) {
      printf("works %llu\n", (unsigned long long)loop(1));
      while (waits) pause();
      end(0);
    }
    if (strcmp(argv[i], "steady") != 0 || i + 1 >= argc) continue;
    if (getpid() == 1) loopback_up();
    for (int word = i + 1; word < argc; word++) run_row(argv[word]);
    printf("works %llu\n", (unsigned long long)loop(1));
    end(0);
  }
  fail("usage: workload boot | wait | steady NAME=OPERATIONS…");
}

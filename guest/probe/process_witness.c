/* The outer half: processes of the same user on the host that are signalled, or whose memory holds a nonce. They end with their
 * standard input. */
#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER 0x59616d61
#endif

bool read_nonce(char *ret_nonce, size_t size) {
  size_t length = 0;
  while (length + 1 < size && read(0, ret_nonce + length, 1) == 1 && ret_nonce[length] != '\n') length++;
  ret_nonce[length] = 0;
  return length > 0;
}

static void on_signal(int number) {
  static const char line[] = "signal\n";
  (void)number;
  ssize_t n = write(1, line, sizeof line - 1);
  (void)n;
}

/* Says `signal` for each; a line that it is given comes back, and a signal that was sent before that one before it. Those that
 * come at once are one (signal(7)). */
int run_witness_signals(int argc, char **argv) {
  (void)argc, (void)argv;
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigaction(SIGURG, &action, NULL);
  tell("ready %d", getpid());
  char line[64];
  while (read_nonce(line, sizeof line)) tell("%s", line);
  return 0;
}

/* Lets every process trace it as far as the kernel's own rules allow (Documentation/admin-guide/LSM/Yama.rst), so that what is
 * asked is whether the sandbox forbids it. */
int run_witness_memory(int argc, char **argv) {
  (void)argc, (void)argv;
  static char nonce[64];
  if (!read_nonce(nonce, sizeof nonce)) return 2;
  prctl(PR_SET_PTRACER, -1L, 0, 0, 0);
  tell("ready %d %lx", getpid(), (unsigned long)(uintptr_t)nonce);
  hold();
  return 0;
}

/* Keeps a file open that has no name: who reads it went through this process. */
int run_witness_open(int argc, char **argv) {
  (void)argc, (void)argv;
  char nonce[64];
  int fd = memfd_create("glovebox-canary", 0);
  if (fd < 0 || !read_nonce(nonce, sizeof nonce) || write(fd, nonce, strlen(nonce)) < 0) return refused();
  prctl(PR_SET_PTRACER, -1L, 0, 0, 0);
  tell("ready %d %d", getpid(), fd);
  hold();
  return 0;
}

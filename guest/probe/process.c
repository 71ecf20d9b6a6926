/* Other processes: their command lines, signals to them, their memory. Every number of a process is one of the host, which the
 * outer half tells; in a pid namespace of its own it means nothing (pid_namespaces(7)). */
#include "process.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

enum { MOST_MEMORY = 64, HEAD = 200, TAIL = 500 };

static ssize_t read_text(const char *path, char *ret_text, size_t size) {
  size_t length = 0;
  int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return -1;
  for (ssize_t n; length < size && (n = read(fd, ret_text + length, size - length)) != 0; length += (size_t)n)
    if (n < 0) return close(fd), -1;
  close(fd);
  for (size_t i = 0; i < length; i++)
    if (!ret_text[i]) ret_text[i] = ' ';
  return (ssize_t)length;
}

bool tell_text(const char *path) {
  static char text[64 * 1024];
  ssize_t n = read_text(path, text, sizeof text);
  if (n < 0) return refused(), false;
  tell("%.*s", (int)n, text);
  return true;
}

static int run_text(int argc, char **argv) {
  int code = 0;
  for (int i = 0; i < argc; i++)
    if (!tell_text(argv[i])) code = 1;
  return code;
}

/* Each command line but those of this program itself: what it was started by is somebody else's. */
static int run_command_lines(int argc, char **argv) {
  (void)argc, (void)argv;
  DIR *folder = opendir("/proc");
  if (!folder) return refused();
  for (struct dirent *entry; (entry = readdir(folder));) {
    char path[300], text[16 * 1024];
    pid_t pid = (pid_t)atoi(entry->d_name);
    if (!isdigit((unsigned char)*entry->d_name) || pid == getpid() || pid == getppid()) continue;
    snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
    ssize_t n = read_text(path, text, sizeof text);
    if (n > HEAD + TAIL) tell("%.*s … %.*s", HEAD, text, TAIL, text + n - TAIL);
    else if (n > 0) tell("%.*s", (int)n, text);
  }
  closedir(folder);
  return 0;
}

/* signal PID: SIGURG, which does nothing to whoever does not wait for it (signal(7)): no other process is disturbed that may
 * have the number in here. */
static int run_signal(int argc, char **argv) {
  if (argc != 1) return 2;
  pid_t pid = (pid_t)atoi(argv[0]);
  if (pid < 2) return 2;
  int code = kill(pid, SIGURG) < 0 ? refused() : 0;
  if (syscall(SYS_tgkill, pid, pid, SIGURG) < 0) code = refused();
  int fd = (int)syscall(434 /* pidfd_open */, pid, 0);
  if (fd < 0 || syscall(424 /* pidfd_send_signal */, fd, SIGURG, NULL, 0) < 0) code = refused();
  return code;
}

static void told(bool got, const char *way, const char *memory, size_t length) {
  if (got) tell("%s %.*s", way, (int)length, memory);
  else refused();
}

static bool by_ptrace(pid_t pid, uintptr_t address, char *ret_memory, size_t length) {
  int status;
  if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0) return false;
  waitpid(pid, &status, __WALL);
  errno = 0;
  for (size_t at = 0; at + sizeof(long) <= length && !errno; at += sizeof(long)) {
    long word = ptrace(PTRACE_PEEKDATA, pid, (void *)(address + at), NULL);
    memcpy(ret_memory + at, &word, sizeof word);
  }
  int why = errno;
  ptrace(PTRACE_DETACH, pid, NULL, NULL);
  errno = why;
  return why == 0;
}

static bool by_file(pid_t pid, uintptr_t address, char *ret_memory, size_t length) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t n = pread(fd, ret_memory, length, (off_t)address);
  close(fd);
  return n == (ssize_t)length;
}

/* read-memory PID ADDRESS LENGTH, in each of the three ways that ptrace(2) rules */
static int run_read_memory(int argc, char **argv) {
  if (argc != 3) return 2;
  char memory[MOST_MEMORY];
  pid_t pid = (pid_t)atoi(argv[0]);
  uintptr_t address = (uintptr_t)strtoull(argv[1], NULL, 16);
  size_t length = strtoul(argv[2], NULL, 10);
  if (pid < 2 || length > sizeof memory) return 2;
  struct iovec here = {memory, length}, there = {(void *)address, length};
  told(process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)length, "process_vm_readv", memory, length);
  told(by_ptrace(pid, address, memory, length), "ptrace", memory, length);
  told(by_file(pid, address, memory, length), "mem", memory, length);
  return 0;
}

const struct verb process_verbs[] = {{"text", run_text},
                                     {"command-lines", run_command_lines},
                                     {"signal", run_signal},
                                     {"read-memory", run_read_memory},
                                     {"shm-read", run_shm_read},
                                     {"msg-receive", run_msg_receive},
                                     {"mqueue-receive", run_mqueue_receive},
                                     {"key-read", run_key_read},
                                     {"connect-abstract", run_connect_abstract},
                                     {"call-daemon", run_call_daemon},
                                     {"witness-signals", run_witness_signals},
                                     {"witness-memory", run_witness_memory},
                                     {"witness-open", run_witness_open},
                                     {"witness-shm", run_witness_shm},
                                     {"witness-msg", run_witness_msg},
                                     {"witness-mqueue", run_witness_mqueue},
                                     {"witness-key", run_witness_key},
                                     {"with-key", run_with_key},
                                     {NULL, NULL}};

/* Other doors to the same calls, which a filter of system calls may have forgotten: bits of an argument or of the number that the
 * kernel does not look at (CVE-2019-10063), and the two other ABIs of an x86_64 kernel (seccomp(2), "Caveats"). */
#include "kernel.h"
#include "probe.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { IO_URING_SETUP = 425, UFFD_USER_MODE_ONLY = 1, X32_BIT = 0x40000000, I386_USERFAULTFD = 374 };

static uint32_t parameters[30]; /* struct io_uring_params */

/* Words: FAMILY… socket(2) takes an int, and a filter may compare 64 bits. */
static int through_argument(int argc, char **argv) {
  int fd = -1;
  for (int i = 0; i < argc && fd < 0; i++)
    fd = (int)syscall(SYS_socket, 1L << 32 | atol(argv[i]), 1L << 32 | SOCK_STREAM, 0L);
  return fd;
}

static int through_number(int argc, char **argv) {
  (void)argc, (void)argv;
  return (int)syscall(1L << 32 | IO_URING_SETUP, 1L, parameters);
}

#ifdef __x86_64__
static int through_x32(int argc, char **argv) {
  (void)argc, (void)argv;
  return (int)syscall(X32_BIT | IO_URING_SETUP, 1L, parameters);
}

/* int 0x80 is the i386 entry, whatever the program is; r8 to r11 are not kept by older kernels. */
static int call_i386(unsigned number, unsigned a, unsigned b) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b) : "memory", "r8", "r9", "r10", "r11");
  if ((int)result >= 0) return (int)result;
  errno = -(int)result;
  return -1;
}

static int through_i386(int argc, char **argv) {
  (void)argc, (void)argv;
  void *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (low == MAP_FAILED) return -1;
  int fd = call_i386(IO_URING_SETUP, 1, (unsigned)(uintptr_t)low);
  int other = call_i386(I386_USERFAULTFD, O_CLOEXEC | UFFD_USER_MODE_ONLY, 0);
  return fd >= 0 ? fd : other;
}
#else
static int through_x32(int argc, char **argv) {
  (void)argc, (void)argv;
  return errno = ENOSYS, -1;
}
#define through_i386 through_x32
#endif

const struct kind door_kinds[] = {{"dirty-argument", through_argument, 0, false},
                                  {"dirty-number", through_number, 0, false},
                                  {"x32", through_x32, 0, false},
                                  {"i386", through_i386, 0, false},
                                  {NULL, NULL, 0, false}};

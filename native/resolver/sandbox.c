/* What the resolver gives up once it listens. It keeps CAP_NET_ADMIN, for nftables' elements and SO_MARK (socket(7)), and the calls
 * below. No call opens a path, starts a program, or makes a socket of another family, so there is no file system for it; a call
 * that is not on the list ends it, and with it the box's names. */
#include "resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* musl brings no headers of the kernel's: linux/capability.h, bpf_common.h, seccomp.h and audit.h. */
enum { CAP_NET_ADMIN = 12, CAP_LAST_TRIED = 63 };
struct cap_header { uint32_t version; int pid; };
struct cap_data { uint32_t effective, permitted, inheritable; };
struct instruction { uint16_t code; uint8_t yes, no; uint32_t k; };
struct filter { unsigned short length; struct instruction *instructions; };
enum { LOAD = 0x20, IF_EQUAL = 0x15, RETURN = 0x06, AT_NUMBER = 0, AT_ARCH = 4, AT_FIRST_ARGUMENT = 16, AT_SECOND_ARGUMENT = 24, MODE_FILTER = 2 };
#define ALLOW 0x7fff0000u
#define KILL 0x80000000u
#if defined __x86_64__
#define ARCH 0xc000003eu
#elif defined __aarch64__
#define ARCH 0xc00000b7u
#else
#error "the filter of system calls does not know this processor"
#endif

static bool keep_capabilities(uint32_t kept) {
  struct cap_header header = {0x20080522, 0};
  struct cap_data data[2] = {{kept, kept, 0}, {0, 0, 0}};
  return syscall(SYS_capset, &header, data) == 0;
}

bool sandbox_drop_last(void) { return keep_capabilities(0); }

static bool become(const struct options *options) {
  if (prctl(PR_SET_KEEPCAPS, 1) < 0) return false;
  /* A user namespace may forbid setgroups(2), and then there are none to give up. */
  if ((options->uid >= 0 || options->gid >= 0) && setgroups(0, NULL) < 0 && errno != EPERM) return false;
  if (options->gid >= 0 && setresgid((gid_t)options->gid, (gid_t)options->gid, (gid_t)options->gid) < 0) return false;
  return options->uid < 0 || setresuid((uid_t)options->uid, (uid_t)options->uid, (uid_t)options->uid) == 0;
}

bool sandbox_drop(const struct options *options) {
  const struct rlimit none = {0, 0};
  for (int capability = 0; capability <= CAP_LAST_TRIED; capability++)
    if (prctl(PR_CAPBSET_DROP, capability) < 0 && errno != EINVAL) return false;
  if (!become(options) || !keep_capabilities(1u << CAP_NET_ADMIN)) return false;
  if (setrlimit(RLIMIT_CORE, &none) < 0 || setrlimit(RLIMIT_NPROC, &none) < 0) return false;
  /* Changing ids has undone what main asked for; a parent that is gone by now is seen by its number. */
  return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static const int calls[] = {
    SYS_read, SYS_write, SYS_close, SYS_pread64, SYS_madvise, SYS_getrandom, SYS_clock_gettime, SYS_epoll_ctl, SYS_epoll_pwait,
    SYS_recvfrom, SYS_recvmsg, SYS_sendto, SYS_sendmsg, SYS_bind, SYS_connect, SYS_accept4, SYS_setsockopt, SYS_getsockopt,
    SYS_rt_sigreturn, SYS_restart_syscall, SYS_exit_group, SYS_exit,
#ifdef SYS_epoll_wait
    SYS_epoll_wait,
#endif
};
enum { CALLS = sizeof calls / sizeof *calls, LONGEST = CALLS * 2 + 24 };

static unsigned short put_calls(struct instruction *code, const int *list, size_t count) {
  unsigned short n = 0;
  code[n++] = (struct instruction){LOAD, 0, 0, AT_ARCH};
  code[n++] = (struct instruction){IF_EQUAL, 1, 0, ARCH};
  code[n++] = (struct instruction){RETURN, 0, 0, KILL};
  code[n++] = (struct instruction){LOAD, 0, 0, AT_NUMBER};
  for (size_t i = 0; i < count; i++) {
    code[n++] = (struct instruction){IF_EQUAL, 0, 1, (uint32_t)list[i]};
    code[n++] = (struct instruction){RETURN, 0, 0, ALLOW};
  }
  return n;
}

/* The two halves of the log are emptied in turn, and no other file is. */
static unsigned short put_log(struct instruction *code, const struct log_files *log) {
  unsigned short n = 0;
  if (!log || log->other < 0) return 0;
  code[n++] = (struct instruction){IF_EQUAL, 0, 5, SYS_ftruncate};
  code[n++] = (struct instruction){LOAD, 0, 0, AT_FIRST_ARGUMENT};
  code[n++] = (struct instruction){IF_EQUAL, 1, 0, (uint32_t)log->fd};
  code[n++] = (struct instruction){IF_EQUAL, 0, 1, (uint32_t)log->other};
  code[n++] = (struct instruction){RETURN, 0, 0, ALLOW};
  code[n++] = (struct instruction){RETURN, 0, 0, KILL};
  return n;
}

static bool load(struct instruction *code, unsigned short n) {
  code[n++] = (struct instruction){RETURN, 0, 0, KILL};
  struct filter filter = {n, code};
  return prctl(PR_SET_SECCOMP, MODE_FILTER, &filter) == 0;
}

bool sandbox_filter(const struct log_files *log) {
  struct instruction code[LONGEST];
  unsigned short n = put_calls(code, calls, CALLS);
  n = (unsigned short)(n + put_log(code + n, log));
  /* Whether a member of the box's network is there (members.c). */
  code[n++] = (struct instruction){IF_EQUAL, 0, 4, SYS_fcntl};
  code[n++] = (struct instruction){LOAD, 0, 0, AT_SECOND_ARGUMENT};
  code[n++] = (struct instruction){IF_EQUAL, 0, 1, F_OFD_GETLK};
  code[n++] = (struct instruction){RETURN, 0, 0, ALLOW};
  code[n++] = (struct instruction){RETURN, 0, 0, KILL};
  code[n++] = (struct instruction){IF_EQUAL, 0, 4, SYS_socket};
  code[n++] = (struct instruction){LOAD, 0, 0, AT_FIRST_ARGUMENT};
  code[n++] = (struct instruction){IF_EQUAL, 1, 0, AF_INET};
  code[n++] = (struct instruction){IF_EQUAL, 0, 1, AF_INET6};
  code[n++] = (struct instruction){RETURN, 0, 0, ALLOW};
  return load(code, n);
}

/* A shorter list, and no socket at all. */
bool sandbox_filter_to(const int *list, size_t count, const struct log_files *log) {
  struct instruction code[LONGEST];
  if (count > CALLS) return false;
  unsigned short n = put_calls(code, list, count);
  return load(code, (unsigned short)(n + put_log(code + n, log)));
}

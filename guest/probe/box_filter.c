/* The reference box' filter of system calls: what the probes of the kernel's surface ask for is refused with EPERM, the rest goes
 * through (seccomp(2), classic BPF). */
#include "box.h"
#include "probe.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

struct statement {
  uint16_t code;
  uint8_t yes, no;
  uint32_t value;
};
struct program {
  uint16_t length;
  const struct statement *statements;
};
enum {
  LOAD = 0x20,      /* BPF_LD | BPF_W | BPF_ABS */
  EQUAL = 0x15,     /* BPF_JMP | BPF_JEQ | BPF_K */
  AT_LEAST = 0x35,  /* BPF_JMP | BPF_JGE | BPF_K */
  ANY_BIT = 0x45,   /* BPF_JMP | BPF_JSET | BPF_K */
  RETURN = 0x06,    /* BPF_RET | BPF_K */
  NUMBER_AT = 0, ARCH_AT = 4, ARGUMENT_AT = 16, ARGUMENT_SIZE = 8,
  ALLOW = 0x7fff0000, ERRNO = 0x00050000,
  MOST_STATEMENTS = 256,
};
#define KILL 0x80000000u
#ifdef __x86_64__
#define NATIVE_ARCH 0xc000003eu
#else
#define NATIVE_ARCH 0xc00000b7u
#endif
#define X32_BIT 0x40000000u

static const uint32_t refused_calls[] = {
    425 /* io_uring_setup */, SYS_bpf, SYS_userfaultfd, SYS_perf_event_open, SYS_keyctl, SYS_add_key, SYS_request_key,
    SYS_mount, SYS_umount2, 428 /* open_tree */, 429 /* move_mount */, 430 /* fsopen */, 432 /* fsmount */, 442 /* mount_setattr */,
    SYS_unshare, SYS_setns, SYS_name_to_handle_at, SYS_open_by_handle_at, SYS_ptrace, SYS_process_vm_readv,
    SYS_process_vm_writev, 438 /* pidfd_getfd */, SYS_syslog, SYS_init_module, SYS_finit_module, SYS_delete_module,
    SYS_kexec_load, 467 /* open_tree_attr */, SYS_acct, SYS_swapon, SYS_quotactl, SYS_clock_settime, SYS_settimeofday, SYS_adjtimex,
    SYS_clock_adjtime, SYS_fanotify_init, SYS_io_setup, SYS_personality,
#ifdef __x86_64__
    SYS_iopl, SYS_ioperm,
#endif
};
/* unix, inet, inet6, netlink: what an application needs */
static const uint32_t families[] = {1, 2, 10, 16};
static const uint32_t terminal_calls[] = {0x5412 /* TIOCSTI */, 0x541c /* TIOCLINUX */};

static struct statement list[MOST_STATEMENTS];
static uint16_t length;

static void add(uint16_t code, uint32_t value, uint8_t yes, uint8_t no) {
  if (length < MOST_STATEMENTS) list[length++] = (struct statement){code, yes, no, value};
}

/* If the number is `call`, goes on behind; else skips `count` statements. */
static void only_for(uint32_t call, uint8_t count) { add(EQUAL, call, 0, count); }

int box_filter(void) {
  length = 0;
  add(LOAD, ARCH_AT, 0, 0);
  add(EQUAL, NATIVE_ARCH, 1, 0);
  add(RETURN, KILL, 0, 0);
  add(LOAD, NUMBER_AT, 0, 0);
  add(AT_LEAST, X32_BIT, 0, 1);
  add(RETURN, ERRNO | ENOSYS, 0, 0);
  for (size_t i = 0; i < sizeof refused_calls / sizeof *refused_calls; i++) {
    only_for(refused_calls[i], 1);
    add(RETURN, ERRNO | EPERM, 0, 0);
  }
  only_for(435 /* clone3: its flags lie in memory */, 1);
  add(RETURN, ERRNO | ENOSYS, 0, 0);
  only_for(SYS_clone, 3);
  add(LOAD, ARGUMENT_AT, 0, 0);
  add(ANY_BIT, 0x7e020000u /* every CLONE_NEW… */, 0, 1);
  add(RETURN, ERRNO | EPERM, 0, 0);
  add(LOAD, NUMBER_AT, 0, 0);
  only_for(SYS_ioctl, 4);
  add(LOAD, ARGUMENT_AT + ARGUMENT_SIZE, 0, 0);
  add(EQUAL, terminal_calls[0], 1, 0);
  add(EQUAL, terminal_calls[1], 0, 1);
  add(RETURN, ERRNO | EPERM, 0, 0);
  add(LOAD, NUMBER_AT, 0, 0);
  only_for(SYS_socket, 6);
  add(LOAD, ARGUMENT_AT, 0, 0);
  for (uint8_t i = 0; i < 4; i++) add(EQUAL, families[i], (uint8_t)(4 - i), 0);
  add(RETURN, ERRNO | EAFNOSUPPORT, 0, 0);
  add(RETURN, ALLOW, 0, 0);
  const struct program program = {length, list};
  return prctl(PR_SET_SECCOMP, 2 /* filter */, &program, 0, 0) < 0 ? -1 : 0;
}

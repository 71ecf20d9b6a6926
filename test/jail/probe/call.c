/* Calls that reach far into the kernel. Each object is kept until the input ends, so that the host can be searched
 * for it. Numbers and structures are the kernel's own, as musl has no kernel headers beside it. */
#include "probe.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char scratch[256];

static long uring(void) { return syscall(425, 4, scratch); }
static long fault(void) { return syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */); }
static long bpf_map(void) {
  uint32_t attributes[16] = {2 /* array */, 4, 8, 1};
  return syscall(SYS_bpf, 0, attributes, sizeof attributes);
}
static long perf(void) {
  uint64_t attributes[16] = {(uint64_t)128 << 32 | 1 /* software */, 1 /* task clock */};
  attributes[5] = 1u << 5 | 1u << 6; /* without the kernel and the hypervisor */
  return syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0);
}
static long keyring(void) { return syscall(SYS_keyctl, 1 /* join */, NULL); }
static long key(void) { return syscall(SYS_add_key, "user", "glovebox-probe", "x", 1, -3); }
static long new_user(void) { return unshare(CLONE_NEWUSER); }
static long clone_user(void) {
  long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  return pid;
}
static long clone3_user(void) {
  uint64_t words[11] = {CLONE_NEWUSER, 0, 0, 0, SIGCHLD};
  long pid = syscall(435, words, sizeof words);
  if (pid == 0) _exit(0);
  return pid;
}
static long join(void) { return setns(open("/proc/self/ns/uts", O_RDONLY), 0); }
static long mount_old(void) { return mount("tmpfs", "/tmp", "tmpfs", 0, NULL); }
static long mount_new(void) { return syscall(430, "tmpfs", 0); }
static long handle(void) {
  uint32_t name[34] = {128};
  int id;
  return syscall(SYS_name_to_handle_at, AT_FDCWD, "/", name, &id, 0);
}
static long alg(void) { return socket(38, SOCK_SEQPACKET, 0); }
static long packet(void) { return socket(17, SOCK_RAW, 0x300); }
static long vsock(void) { return socket(40, SOCK_STREAM, 0); }
static long sctp(void) { return socket(AF_INET, SOCK_STREAM, 132); }
static long dccp(void) { return socket(AF_INET, 6 /* SOCK_DCCP */, 0); }
static long old_packet(void) { return socket(AF_INET, 10 /* SOCK_PACKET */, 0); }
static long aio(void) {
  unsigned long context = 0;
  return syscall(SYS_io_setup, 1, &context);
}
static long netfilter(void) { return socket(16, SOCK_RAW, 12); }
static long bluetooth(void) { return socket(31, SOCK_RAW, 0); }
static long raw(void) { return socket(AF_INET, SOCK_RAW, 1); }
/* What a filter of 64-bit numbers would see as getpid(2): the other table has another meaning (CVE-2019-10063). */
static long x32(void) { return syscall(0x40000000 | SYS_getpid); }
static long device(void) {
  long made = mknod("/tmp/probe-device", 0020666, 0x103);
  int why = errno;
  unlink("/tmp/probe-device");
  errno = why;
  return made;
}
static long modules(void) { return syscall(SYS_delete_module, "glovebox_probe", 0); }
static long log_read(void) { return syscall(SYS_syslog, 3, scratch, sizeof scratch); }

#ifdef __x86_64__
static long i386(void) {
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L /* getpid of i386 */) : "memory");
  errno = result < 0 ? (int)-result : 0;
  return result < 0 ? -1 : result;
}
#else
static long i386(void) { errno = ENOSYS; return -1; }
#endif

int probe_call(int argc, char **argv) {
  static const struct {
    const char *name;
    long (*run)(void);
  } calls[] = {
    {"io_uring_setup", uring}, {"userfaultfd", fault}, {"bpf", bpf_map}, {"perf_event_open", perf},
    {"keyctl", keyring}, {"add_key", key}, {"unshare", new_user}, {"clone", clone_user}, {"clone3", clone3_user},
    {"setns", join}, {"mount", mount_old}, {"fsopen", mount_new}, {"name_to_handle_at", handle},
    {"AF_ALG", alg}, {"AF_PACKET", packet}, {"AF_VSOCK", vsock}, {"SCTP", sctp}, {"DCCP", dccp}, {"SOCK_PACKET", old_packet}, {"io_setup", aio}, {"NETLINK_NETFILTER", netfilter},
    {"AF_BLUETOOTH", bluetooth}, {"SOCK_RAW", raw}, {"x32", x32}, {"i386", i386}, {"mknod", device},
    {"delete_module", modules}, {"syslog", log_read}};
  char rest[64];
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    if (strcmp(argv[0], calls[i].name)) continue;
    probe_say(calls[i].run());
    while (argc > 1 && !strcmp(argv[1], "hold") && read(0, rest, sizeof rest) > 0) continue;
    return 0;
  }
  return 2;
}

/* glovebox-resolver join: a box's place in a network of boxes. docs/decisions/023-named-networks.md has its contract.
 *
 * Theory of operation. It has an interface of the gate's, which the gate routes the network's addresses to (tun, whole packets of IP),
 * and a datagram socket in the network's folder, bound by the holder to the member's number. What comes from the interface goes to the
 * socket whose number is the last byte of its destination; what comes from a socket goes to the interface. The kernel says from which
 * socket a datagram is, and its name cannot be chosen: the folder is the user's, and this program can bind nothing. So a packet is taken
 * only from the address of whoever sent it, and only to this member's.
 *
 * Nothing is waited for and nothing kept: what a member does not take at once is dropped and counted. Whoever sends to a number that
 * nobody has is told at once (ICMP).
 *
 * Hostile: the packets, and the other members' programs, which may have been broken into. It has neither a capability nor a file, and its
 * root is the network's folder, in which it can do nothing but send to sockets. */
#include "join.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { OF_SIGNAL, OF_TUN, OF_SOCKET, AT_ONCE = 64, SEND_BYTES = 1 << 20, SAY_MS = 1000 };

static struct { int tun, socket, folder, ready; struct log_files log; struct options ids; struct place place; } state = {
    .tun = -1, .socket = -1, .folder = -1, .ready = -1, .log = {-1, -1, LOG_BYTES, LOG_RATE}, .ids = {.uid = -1, .gid = -1}};
/* What was dropped, by why: no packet of ours, not from its address or not to ours, no room at the other end, nobody there. */
static struct counts { uint64_t malformed, foreign, full, nobody; } dropped, said;

static int fail(const char *what) {
  fprintf(stderr, "glovebox-resolver join: cannot %s: %s\n", what, strerror(errno));
  return EXIT_OURS;
}

static bool read_base(const char *word, uint8_t bits, struct address *ret) {
  struct range range;
  if (!range_from_text(word, &range) || range.bits != bits) return false;
  *ret = range.address;
  return true;
}

static bool read_option(const char *name, const char *value) {
  if (!strcmp(name, "--range4")) return read_base(value, 24, &state.place.base4);
  if (!strcmp(name, "--range6")) return read_base(value, 64, &state.place.base6);
  char *end = NULL;
  long number = strtol(value, &end, 10);
  if (*end || end == value || number < 0) return false;
  if (!strcmp(name, "--uid")) return state.ids.uid = number, true;
  if (!strcmp(name, "--gid")) return state.ids.gid = number, true;
  if (!strcmp(name, "--log-bytes")) return state.log.most = (uint64_t)number, number >= 4 * LOG_LINE;
  if (number > 1024) return false;
  if (!strcmp(name, "--tun-fd")) return state.tun = (int)number, true;
  if (!strcmp(name, "--socket-fd")) return state.socket = (int)number, true;
  if (!strcmp(name, "--folder-fd")) return state.folder = (int)number, true;
  if (!strcmp(name, "--log-fd")) return state.log.fd = (int)number, true;
  if (!strcmp(name, "--log-other-fd")) return state.log.other = (int)number, true;
  if (!strcmp(name, "--ready-fd")) return state.ready = (int)number, true;
  return false;
}

static bool parse(int argc, char **argv) {
  for (int i = 2; i < argc; i += 2)
    if (i + 1 >= argc || !read_option(argv[i], argv[i + 1])) return false;
  return state.tun >= 0 && state.socket >= 0 && state.folder >= 0 && state.place.base4.family == 4 && state.place.base6.family == 6;
}

/* The number that a socket is bound to: all of its name. */
static uint8_t number_of(const struct sockaddr_un *name, socklen_t length) {
  const size_t head = offsetof(struct sockaddr_un, sun_path);
  if (name->sun_family != AF_UNIX || length <= head || length > sizeof *name) return 0;
  return join_number(name->sun_path, strnlen(name->sun_path, length - head));
}

static bool find_own(void) {
  struct sockaddr_un name = {0};
  socklen_t length = sizeof name;
  if (getsockname(state.socket, (struct sockaddr *)&name, &length) < 0) return false;
  errno = EINVAL;
  return (state.place.own = number_of(&name, length)) != 0;
}

static void tell_nobody(const uint8_t *packet, size_t length) {
  uint8_t error[UNREACHABLE_MAX];
  size_t size = join_unreachable(packet, length, error);
  dropped.nobody++;
  if (size > 0 && write(state.tun, error, size) < 0) dropped.full++;
}

static void send_to(uint8_t number, const uint8_t *packet, size_t length) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  int used = snprintf(to.sun_path, sizeof to.sun_path, "%u", number);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)used + 1);
  if (sendto(state.socket, packet, length, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to, size) >= 0) return;
  if (errno == ENOENT || errno == ECONNREFUSED) tell_nobody(packet, length);
  else dropped.full++;
}

/* False where the interface is gone. */
static bool take_outward(void) {
  static uint8_t packet[JOIN_PACKET];
  for (int i = 0; i < AT_ONCE; i++) {
    uint8_t to;
    ssize_t got = read(state.tun, packet, sizeof packet);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    switch (join_outward(&state.place, packet, (size_t)got, &to)) {
      case OUTWARD_WRONG: dropped.malformed++; break;
      case OUTWARD_NOBODY: tell_nobody(packet, (size_t)got); break;
      case OUTWARD_PEER: send_to(to, packet, (size_t)got); break;
    }
  }
  return true;
}

static bool take_inward(void) {
  static uint8_t packet[JOIN_PACKET];
  for (int i = 0; i < AT_ONCE; i++) {
    struct sockaddr_un name = {0};
    socklen_t length = sizeof name;
    ssize_t got = recvfrom(state.socket, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)&name, &length);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if ((size_t)got > sizeof packet || !join_inward(&state.place, packet, (size_t)got, number_of(&name, length))) dropped.foreign++;
    else if (write(state.tun, packet, (size_t)got) < 0) dropped.full++;
  }
  return true;
}

/* At most once a second, as a box can cause it as often as it likes. True while something is unsaid. */
static bool say_dropped(int64_t now_ms, bool at_end) {
  static int64_t last_ms = -SAY_MS;
  struct line line;
  if (memcmp(&dropped, &said, sizeof said) == 0) return false;
  if (now_ms - last_ms < SAY_MS && !at_end) return true;
  last_ms = now_ms;
  said = dropped;
  log_begin(&line);
  log_say(&line, ",\"event\":\"dropped\",\"malformed\":%llu,\"foreign\":%llu,\"full\":%llu,\"nobody\":%llu}\n", (unsigned long long)said.malformed,
          (unsigned long long)said.foreign, (unsigned long long)said.full, (unsigned long long)said.nobody);
  log_keep(&line, false);
  log_flush();
  return false;
}

static int run(int epoll_fd) {
  struct epoll_event events[3];
  for (;;) {
    bool more = say_dropped(loop_now(), false);
    int count = epoll_wait(epoll_fd, events, 3, more ? SAY_MS : -1);
    if (count < 0 && errno != EINTR) return EXIT_OURS;
    for (int i = 0; i < count; i++) {
      if (events[i].data.u64 == OF_SIGNAL) {
        say_dropped(loop_now(), true);
        return 0;
      }
      if (events[i].data.u64 == OF_TUN && !take_outward()) return fail("read from the interface");
      if (events[i].data.u64 == OF_SOCKET && !take_inward()) return fail("read from the network's socket");
    }
  }
}

static bool give_up_calls(void) {
  static const int calls[] = {
      SYS_read, SYS_write, SYS_pread64, SYS_close, SYS_recvfrom, SYS_sendto, SYS_clock_gettime, SYS_epoll_pwait,
      SYS_rt_sigreturn, SYS_restart_syscall, SYS_exit_group, SYS_exit,
#ifdef SYS_epoll_wait
      SYS_epoll_wait,
#endif
  };
  return sandbox_filter_to(calls, sizeof calls / sizeof *calls, &state.log);
}

int join_main(int argc, char **argv) {
  pid_t parent = getppid();
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  if (!parse(argc, argv)) return fprintf(stderr, "usage: glovebox-resolver join --tun-fd N --socket-fd N --folder-fd N --range4 CIDR --range6 CIDR [OPTION VALUE]... (docs/decisions/023-named-networks.md)\n"), EXIT_USAGE;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0) return fail("prepare its own end");
  signal(SIGPIPE, SIG_IGN);
  /* The kernel holds it to wmem_max (socket(7)). */
  setsockopt(state.socket, SOL_SOCKET, SO_SNDBUF, &(int){SEND_BYTES}, sizeof(int));
  if (!find_own()) return fail("find its number");
  if (!log_open(&state.log)) return fail("use the log");
  int epoll_fd = epoll_create1(EPOLL_CLOEXEC), signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (epoll_fd < 0 || signals < 0 || !loop_watch(epoll_fd, signals, EPOLLIN, OF_SIGNAL, false) || !loop_watch(epoll_fd, state.tun, EPOLLIN, OF_TUN, false) ||
      !loop_watch(epoll_fd, state.socket, EPOLLIN, OF_SOCKET, false))
    return fail("wait for packets");
  if (fchdir(state.folder) < 0 || chroot(".") < 0 || close(state.folder) < 0) return fail("take the network's folder for its root");
  if (!sandbox_drop(&state.ids) || !sandbox_drop_last()) return fail("give up its rights");
  if (getppid() != parent) return EXIT_OURS;
  if (!give_up_calls()) return fail("give up system calls");
  log_event("ready");
  log_flush();
  ready_tell(state.ready);
  return run(epoll_fd);
}

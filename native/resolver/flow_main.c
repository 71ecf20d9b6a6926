/* glovebox-resolver flows: who a box talked to, from outside of it. docs/decisions/020-flow-log.md has its contract.
 *
 * Theory of operation. In the box's network namespace it listens to the kernel's connection tracking, for each flow's beginning and
 * its end with what went over it, and to the packets that the firewall logs (NFLOG), which are those it refuses. Each becomes a
 * line. It keeps no table: all that a line says is in the kernel's message. What is lost is counted where it is lost: messages that
 * the socket had no room for (SO_MEMINFO), numbers of NFLOG that are missing, lines that nobody fetched (log.c).
 *
 * On SIGTERM it reads what is waiting, lets the kernel list the flows that are still open, and ends. */
#include "flow.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MSG_DONE = 3, CONNTRACK_NEW = 0, CONNTRACK_DELETE = 2, LOG_PACKET = 0, EVENTS = 8, OF_SIGNAL = 0, OF_CONNTRACK = 1, OF_LOG = 2, OF_OUTPUT = 3, LAST_WAIT_MS = 10000 };

static struct { int log_fd, ready_fd, conntrack, refused, epoll, at_end, signals; uint16_t group; int receive_bytes; struct options ids; } state = {.log_fd = -1, .ready_fd = -1, .receive_bytes = 8 << 20, .ids = {.uid = -1, .gid = -1}};
static struct { uint64_t conntrack, refused; uint32_t sequence; bool numbered; } seen;

static int fail(const char *what) {
  fprintf(stderr, "glovebox-resolver flows: cannot %s: %s\n", what, strerror(errno));
  return EXIT_OURS;
}

static bool parse(int argc, char **argv) {
  for (int i = 2; i < argc; i += 2) {
    char *end = NULL;
    long number = i + 1 < argc ? strtol(argv[i + 1], &end, 10) : -1;
    if (!end || *end || end == argv[i + 1] || number < 0) return false;
    if (!strcmp(argv[i], "--log-fd")) state.log_fd = (int)number;
    else if (!strcmp(argv[i], "--group") && number <= UINT16_MAX) state.group = (uint16_t)number;
    else if (!strcmp(argv[i], "--receive-bytes") && number <= 1 << 30) state.receive_bytes = (int)number;
    else if (!strcmp(argv[i], "--ready-fd")) state.ready_fd = (int)number;
    else if (!strcmp(argv[i], "--uid")) state.ids.uid = number;
    else if (!strcmp(argv[i], "--gid")) state.ids.gid = number;
    else return false;
  }
  return state.log_fd >= 0;
}

/* Of this namespace; without them lines would say nothing of bytes and times. */
static bool switch_on(const char *path) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool done = fd >= 0 && write(fd, "1", 1) == 1;
  if (fd >= 0) close(fd);
  return done;
}

static void say_lost(int fd, uint64_t *known) {
  uint64_t dropped = netlink_dropped(fd);
  if (dropped > *known) flow_write_lost(dropped - *known);
  *known = dropped;
}

static void take_refused(const struct netlink_message *m) {
  struct flow flow;
  uint32_t sequence = seen.sequence;
  bool known = packet_read_log(m->bytes, m->length, &flow, &sequence);
  if (seen.numbered && sequence != seen.sequence) flow_write_lost(sequence - seen.sequence);
  seen.sequence = sequence + 1;
  seen.numbered = true;
  if (known) flow_write("refused", &flow, true);
}

/* True at the end of a list. `list`: flows that are told of because we asked. */
static bool take(const struct netlink_message *m, bool list) {
  struct flow flow;
  if (m->type == MSG_DONE) return list;
  if (m->type == (SUBSYSTEM_LOG << 8 | LOG_PACKET)) take_refused(m);
  bool begins = m->type == (SUBSYSTEM_CONNTRACK << 8 | CONNTRACK_NEW), ends = m->type == (SUBSYSTEM_CONNTRACK << 8 | CONNTRACK_DELETE);
  if ((begins || ends) && conntrack_read(m->bytes, m->length, &flow)) flow_write(list ? "open" : begins ? "start" : "end", &flow, !list);
  return false;
}

/* At the end nothing else waits, so the reader may be slow: the list is given up when it takes nothing for LAST_WAIT_MS. */
static void flush_at_end(void) {
  struct epoll_event event;
  while (log_flush() && epoll_wait(state.at_end, &event, 1, LAST_WAIT_MS) > 0) continue;
}

/* Reads what waits; true at the end of a list. The log is written in between, so that it need not hold all of it. */
static bool drain(int fd, bool list) {
  static uint8_t bytes[NETLINK_MAX];
  for (;;) {
    ssize_t got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && (errno == ENOBUFS || errno == EINTR)) continue; /* say_lost tells how many */
    if (got <= 0) return false;
    const uint8_t *at = bytes;
    size_t left = (size_t)got;
    for (struct netlink_message m; netlink_next(&at, &left, &m);)
      if (take(&m, list)) return true;
    if (list) flush_at_end();
    else log_flush();
  }
}

/* The list comes over a socket of its own. */
static int finish(int list_fd) {
  drain(state.conntrack, false);
  if (state.refused >= 0) drain(state.refused, false);
  say_lost(state.conntrack, &seen.conntrack);
  /* Each recvmsg(2) makes the kernel go on with its list. */
  if (netlink_ask_conntrack(list_fd)) drain(list_fd, true);
  flush_at_end();
  log_event("end");
  flush_at_end();
  return 0;
}

static int run(int list_fd) {
  struct epoll_event events[EVENTS];
  bool watched = false;
  for (;;) {
    log_lost();
    bool waiting = log_flush();
    if (waiting && !watched) watched = loop_watch(state.epoll, state.log_fd, EPOLLOUT, OF_OUTPUT, false);
    else if (!waiting && watched) watched = epoll_ctl(state.epoll, EPOLL_CTL_DEL, state.log_fd, NULL) != 0;
    int count = epoll_wait(state.epoll, events, EVENTS, 1000);
    if (count < 0 && errno != EINTR) return EXIT_OURS;
    for (int i = 0; i < count; i++) {
      if (events[i].data.u64 == OF_SIGNAL) return finish(list_fd);
      if (events[i].data.u64 == OF_CONNTRACK) drain(state.conntrack, false);
      if (events[i].data.u64 == OF_LOG) drain(state.refused, false);
    }
    say_lost(state.conntrack, &seen.conntrack);
  }
}

static bool watch(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  signal(SIGPIPE, SIG_IGN);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || (state.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0) return false;
  /* A file is never waited for, and epoll(7) takes none. */
  if ((state.at_end = epoll_create1(EPOLL_CLOEXEC)) < 0 || (!loop_watch(state.at_end, state.log_fd, EPOLLOUT, OF_OUTPUT, false) && errno != EPERM)) return false;
  if ((state.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0) return false;
  return loop_watch(state.epoll, state.signals, EPOLLIN, OF_SIGNAL, false) && loop_watch(state.epoll, state.conntrack, EPOLLIN, OF_CONNTRACK, false) &&
         (state.refused < 0 || loop_watch(state.epoll, state.refused, EPOLLIN, OF_LOG, false));
}

int flow_main(int argc, char **argv) {
  pid_t parent = getppid();
  if (!parse(argc, argv)) return fprintf(stderr, "usage: glovebox-resolver flows --log-fd N [--group N] [--receive-bytes N] [--uid N] [--gid N]\n"), EXIT_USAGE;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return fail("ask for its own end");
  if (!switch_on("/proc/sys/net/netfilter/nf_conntrack_acct") || !switch_on("/proc/sys/net/netfilter/nf_conntrack_timestamp"))
    return fail("have the kernel count bytes and times");
  if ((state.conntrack = netlink_listen_conntrack(state.receive_bytes)) < 0) return fail("listen to connection tracking");
  state.refused = state.group ? netlink_listen_log(state.group, state.receive_bytes) : -1;
  if (state.group && state.refused < 0) return fail("listen to what the firewall logs");
  int list_fd = nftset_open();
  if (list_fd < 0 || !watch()) return fail("wait for events");
  log_open(state.log_fd);
  if (fcntl(state.log_fd, F_SETFL, fcntl(state.log_fd, F_GETFL) | O_NONBLOCK) < 0) return fail("use the log");
  if (!sandbox_drop(&state.ids)) return fail("give up its rights");
  if (getppid() != parent) return EXIT_OURS;
  if (!sandbox_filter()) return fail("give up system calls");
  log_event("ready");
  log_flush();
  ready_tell(state.ready_fd);
  return run(list_fd);
}

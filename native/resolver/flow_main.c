/* glovebox-resolver flows: who a box talked to, from outside of it. docs/decisions/020-flow-log.md has its contract.
 *
 * Theory of operation. In the box's network namespace it listens to the kernel's connection tracking, for each flow's beginning and
 * its end with what went over it, and to the packets that the firewall logs (NFLOG), which are those it refuses. Each becomes a
 * line: what the kernel's message says, and the name that the resolver has answered with this address (flow_names.c). A few messages
 * are read, then what the resolver has told, then the lines are written: in this order no line misses a name.
 *
 * What is lost is counted where it is lost: numbers of NFLOG that are missing, packets that the firewall refused beyond what it logs
 * (flow_counter.c), lines that nobody fetched (log.c). Messages that the socket had no room for (SO_MEMINFO) are late: a flow's end comes
 * again, a beginning does not; each flow begins once and is over or open once, so at the end the difference says how many are missing.
 *
 * On SIGTERM it reads what is waiting, lets the kernel list the flows that are still open, and ends. */
#include "flow.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MSG_DONE = 3, CONNTRACK_NEW = 0, CONNTRACK_DELETE = 2, LOG_PACKET = 0, EVENTS = 8, LAST_WAIT_MS = 10000, LATE_WAIT_MS = 500, LATE_ROUNDS = 1000, BATCH = 128, WRITTEN_AT_ONCE = 32, AT_ONCE = 1024, DNS = 53 };
enum { OF_SIGNAL, OF_CONNTRACK, OF_LOG, OF_OUTPUT, OF_NAMES };

static struct flow_options options;
static struct { int conntrack, refused, list, counter, epoll, at_end, late, signals; } fds;
static struct { uint64_t conntrack, unlogged, begun, over; uint32_t sequence; bool numbered, refused; time_t second; } seen;
static struct { struct flow flow; const char *kind; } batch[BATCH];
static size_t batch_count;

static int fail(const char *what) {
  fprintf(stderr, "glovebox-resolver flows: cannot %s: %s\n", what, strerror(errno));
  return EXIT_OURS;
}

/* Of this namespace; without them lines would say nothing of bytes and times. */
static bool switch_on(const char *path) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool done = fd >= 0 && write(fd, "1", 1) == 1;
  if (fd >= 0) close(fd);
  return done;
}

static void say_late(void) {
  uint64_t dropped = netlink_dropped(fds.conntrack);
  if (dropped > seen.conntrack) flow_write_late(dropped - seen.conntrack);
  seen.conntrack = dropped;
}

/* There is nothing beyond what is logged where nothing is logged. The rules may have been loaded anew, and the counter with them. */
static void say_unlogged(bool at_end) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (!at_end && (!seen.refused || now.tv_sec == seen.second)) return;
  uint64_t packets = counter_packets(fds.counter);
  if (packets < seen.unlogged) seen.unlogged = 0;
  if (packets > seen.unlogged) flow_write_lost("refused", packets - seen.unlogged);
  else seen.refused = false;
  seen.unlogged = packets;
  seen.second = now.tv_sec;
}

/* At the end nothing else waits, so the reader may be slow: the list is given up when it takes nothing for LAST_WAIT_MS. */
static void flush_at_end(void) {
  struct epoll_event event;
  while (log_flush() && epoll_wait(fds.at_end, &event, 1, LAST_WAIT_MS) > 0) continue;
}

/* The log is written in between, so that it need not hold all of it. `list`: flows that are told of because we asked. */
static void write_batch(bool list) {
  names_take();
  for (size_t i = 0; i < batch_count; i++) {
    flow_write(batch[i].kind, &batch[i].flow, !list);
    if (i % WRITTEN_AT_ONCE != WRITTEN_AT_ONCE - 1) continue;
    if (list) flush_at_end();
    else log_flush();
  }
  batch_count = 0;
  if (list) flush_at_end();
  else log_flush();
}

static void add(const char *kind, const struct flow *flow, bool list) {
  batch[batch_count].flow = *flow;
  batch[batch_count++].kind = kind;
  if (batch_count == BATCH) write_batch(list);
}

static void take_refused(const struct netlink_message *m) {
  struct flow flow;
  uint32_t sequence = seen.sequence;
  bool known = packet_read_log(m->bytes, m->length, &flow, &sequence);
  if (seen.numbered && sequence != seen.sequence) flow_write_lost("events", sequence - seen.sequence);
  seen.sequence = sequence + 1;
  seen.numbered = seen.refused = true;
  flow.refused = true;
  if (known) add("refused", &flow, false);
}

/* A box's questions, and the resolver's own: they are told, with their names, in the resolver's log. */
static bool is_question(const struct flow *flow) {
  for (size_t i = 0; i < options.quiet_count; i++)
    if (flow->to_port == DNS && memcmp(&flow->to, &options.quiet[i], sizeof flow->to) == 0) return true;
  return false;
}

/* True at the end of a list. */
static bool take(const struct netlink_message *m, bool list) {
  struct flow flow;
  if (m->type == MSG_DONE) return list;
  if (m->type == (SUBSYSTEM_LOG << 8 | LOG_PACKET)) take_refused(m);
  bool begins = m->type == (SUBSYSTEM_CONNTRACK << 8 | CONNTRACK_NEW), ends = m->type == (SUBSYSTEM_CONNTRACK << 8 | CONNTRACK_DELETE);
  if ((!begins && !ends) || !conntrack_read(m->bytes, m->length, &flow) || is_question(&flow)) return false;
  if (begins && !list) seen.begun++;
  else seen.over++;
  add(list ? "open" : begins ? "start" : "end", &flow, list);
  return false;
}

/* Reads what waits, at most so many messages, or until the end of a list. */
static void drain(int fd, bool list, int most) {
  static uint8_t bytes[NETLINK_MAX];
  bool ended = false;
  for (int i = 0; i < most && !ended; i++) {
    ssize_t got = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && (errno == ENOBUFS || errno == EINTR)) continue; /* say_late tells how many */
    if (got <= 0) break;
    const uint8_t *at = bytes;
    size_t left = (size_t)got;
    for (struct netlink_message m; !ended && netlink_next(&at, &left, &m);) ended = take(&m, list);
    if (list) {
      /* What is over and was not looked for yet is in no list, but ends by it (nf_conntrack_netlink.c, ctnetlink_dump_table). */
      write_batch(true);
      drain(fds.conntrack, false, INT_MAX);
    }
  }
  write_batch(list);
}

/* Ends that found no room come again. */
static void await_late(void) {
  for (int round = 0; round < LATE_ROUNDS && seen.conntrack > 0; round++) {
    struct epoll_event event;
    if (epoll_wait(fds.late, &event, 1, LATE_WAIT_MS) <= 0) return;
    drain(fds.conntrack, false, INT_MAX);
  }
}

/* A flow that was there before, and one that begins and is over while all is listed, keep this from being exact by one or two. */
static void say_missing(void) {
  if (seen.over > seen.begun) flow_write_lost("starts", seen.over - seen.begun);
  if (seen.begun > seen.over) flow_write_lost("ends", seen.begun - seen.over);
}

/* The list comes over a socket of its own. */
static int finish(void) {
  drain(fds.conntrack, false, INT_MAX);
  if (fds.refused >= 0) {
    netlink_end_log(fds.refused, options.group); /* what the kernel still collects is handed over */
    drain(fds.refused, false, INT_MAX);
  }
  /* Each recvmsg(2) makes the kernel go on with its list. */
  if (netlink_ask_conntrack(fds.list)) drain(fds.list, true, INT_MAX);
  say_late();
  await_late();
  say_missing();
  say_unlogged(true);
  flush_at_end();
  log_event("end");
  flush_at_end();
  return 0;
}

/* What is there already has no beginning for us, and will be over. Its ends wait in the socket that listens. */
static void count_earlier(void) {
  static uint8_t bytes[NETLINK_MAX];
  bool ended = !netlink_ask_conntrack(fds.list);
  while (!ended) {
    ssize_t got = recv(fds.list, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got <= 0) return;
    const uint8_t *at = bytes;
    size_t left = (size_t)got;
    struct flow flow;
    for (struct netlink_message m; !ended && netlink_next(&at, &left, &m);) {
      ended = m.type == MSG_DONE;
      seen.begun += m.type == (SUBSYSTEM_CONNTRACK << 8 | CONNTRACK_NEW) && conntrack_read(m.bytes, m.length, &flow) && !is_question(&flow);
    }
  }
}

static int run(void) {
  struct epoll_event events[EVENTS];
  bool watched = false;
  for (;;) {
    log_lost();
    bool waiting = log_flush();
    if (waiting && !watched) watched = loop_watch(fds.epoll, options.log.fd, EPOLLOUT, OF_OUTPUT, false);
    else if (!waiting && watched) watched = epoll_ctl(fds.epoll, EPOLL_CTL_DEL, options.log.fd, NULL) != 0;
    int count = epoll_wait(fds.epoll, events, EVENTS, 1000);
    if (count < 0 && errno != EINTR) return EXIT_OURS;
    for (int i = 0; i < count; i++) {
      if (events[i].data.u64 == OF_SIGNAL) return finish();
      if (events[i].data.u64 == OF_CONNTRACK) drain(fds.conntrack, false, AT_ONCE);
      if (events[i].data.u64 == OF_LOG) drain(fds.refused, false, AT_ONCE);
      if (events[i].data.u64 == OF_NAMES) names_take();
    }
    say_late();
    say_unlogged(false);
  }
}

static bool watch(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  signal(SIGPIPE, SIG_IGN);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || (fds.epoll = epoll_create1(EPOLL_CLOEXEC)) < 0) return false;
  /* A file is never waited for, and epoll(7) takes none. */
  if ((fds.at_end = epoll_create1(EPOLL_CLOEXEC)) < 0 || (!loop_watch(fds.at_end, options.log.fd, EPOLLOUT, OF_OUTPUT, false) && errno != EPERM)) return false;
  if ((fds.late = epoll_create1(EPOLL_CLOEXEC)) < 0 || !loop_watch(fds.late, fds.conntrack, EPOLLIN, OF_CONNTRACK, false)) return false;
  if ((fds.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0) return false;
  return loop_watch(fds.epoll, fds.signals, EPOLLIN, OF_SIGNAL, false) && loop_watch(fds.epoll, fds.conntrack, EPOLLIN, OF_CONNTRACK, false) &&
         (fds.refused < 0 || loop_watch(fds.epoll, fds.refused, EPOLLIN, OF_LOG, false)) &&
         (options.names_fd < 0 || loop_watch(fds.epoll, options.names_fd, EPOLLIN, OF_NAMES, false));
}

static bool listen_to_all(void) {
  fds.conntrack = netlink_listen_conntrack(options.receive_bytes);
  fds.refused = options.group ? netlink_listen_log(options.group, options.receive_bytes) : -1;
  fds.list = nftset_open();
  fds.counter = nftset_open();
  return fds.conntrack >= 0 && (!options.group || fds.refused >= 0) && fds.list >= 0 && fds.counter >= 0 && watch();
}

int flow_main(int argc, char **argv) {
  pid_t parent = getppid();
  if (!flow_options_parse(argc, argv, &options)) return fprintf(stderr, "usage: glovebox-resolver flows --log-fd N [OPTION VALUE]... (docs/decisions/020-flow-log.md)\n"), EXIT_USAGE;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return fail("ask for its own end");
  if (!switch_on("/proc/sys/net/netfilter/nf_conntrack_acct") || !switch_on("/proc/sys/net/netfilter/nf_conntrack_timestamp"))
    return fail("have the kernel count bytes and times");
  if (!listen_to_all()) return fail("listen to connection tracking and to what the firewall logs");
  count_earlier();
  names_open(options.names_fd);
  if (!log_open(&options.log) || !copy_open(options.copy_fd, options.copy_bytes)) return fail("use the log");
  if (!sandbox_drop(&options.ids)) return fail("give up its rights");
  if (getppid() != parent) return EXIT_OURS;
  if (!sandbox_filter(&options.log)) return fail("give up system calls");
  log_event("ready");
  log_flush();
  ready_tell(options.ready_fd);
  return run();
}

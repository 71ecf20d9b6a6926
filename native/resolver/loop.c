/* One thread that waits for everything at once. An event names what it is for, where that is kept, and which of those that were
 * kept there: one that was closed in the same round is not taken for its successor. */
#include "resolver.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64, TICK_MS = 100 };

uint64_t loop_tag(enum event_kind kind, uint32_t generation, size_t index) {
  return (uint64_t)kind << 56 | (uint64_t)(generation & 0xffffff) << 32 | (uint32_t)index;
}

bool loop_watch(int epoll_fd, int fd, uint32_t events, uint64_t tag, bool change) {
  struct epoll_event event = {events, {.u64 = tag}};
  return epoll_ctl(epoll_fd, change ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0;
}

int64_t loop_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* False when it is time to end. */
static bool take_signal(int fd, int policy_fd) {
  struct signalfd_siginfo info;
  while (read(fd, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo != SIGHUP) return false;
    resolve_reload(policy_fd);
  }
  return true;
}

/* A file is never waited for, so only a pipe is ever full and watched. */
static void write_log(int epoll_fd, int log_fd) {
  static bool watched;
  log_lost();
  bool waiting = log_flush();
  if (waiting == watched) return;
  watched = waiting;
  if (waiting) watched = loop_watch(epoll_fd, log_fd, EPOLLOUT, loop_tag(EVENT_LOG, 0, 0), false);
  else epoll_ctl(epoll_fd, EPOLL_CTL_DEL, log_fd, NULL);
}

static bool take(const struct epoll_event *event, int signal_fd, const struct options *options, int64_t now_ms) {
  size_t index = (uint32_t)event->data.u64;
  uint32_t generation = event->data.u64 >> 32 & 0xffffff;
  switch ((enum event_kind)(event->data.u64 >> 56)) {
    case EVENT_SIGNAL: return take_signal(signal_fd, options->policy_fd);
    case EVENT_LOG: break; /* written after each round */
    case EVENT_DATAGRAMS: listen_datagrams(index, now_ms); break;
    case EVENT_ACCEPT: client_accept(listen_fd(index, true), now_ms); break;
    case EVENT_CLIENT: client_event(index, generation, event->events, now_ms); break;
    case EVENT_UPSTREAM: upstream_event(index, generation, event->events, now_ms); break;
  }
  return true;
}

int loop_run(int epoll_fd, int signal_fd, const struct options *options) {
  struct epoll_event events[EVENTS];
  int64_t ticked = loop_now();
  for (;;) {
    write_log(epoll_fd, options->log.fd);
    int count = epoll_wait(epoll_fd, events, EVENTS, upstream_count() || client_count() ? TICK_MS : 1000);
    if (count < 0 && errno != EINTR) return EXIT_OURS;
    int64_t now_ms = loop_now();
    for (int i = 0; i < count; i++)
      if (!take(&events[i], signal_fd, options, now_ms)) {
        log_flush();
        return 0;
      }
    if (now_ms - ticked < TICK_MS) continue;
    ticked = now_ms;
    upstream_tick(now_ms);
    client_tick(now_ms);
    tell_lost();
  }
}

/* glovebox-resolver: the only one whom a box can ask for names. docs/decisions/016-resolver.md has its contract. As `flows`,
 * `capture` or `join` it is another program altogether: flow_main.c, capture.c, join.c.
 *
 * Theory of operation. It listens in the box's network namespace, over UDP and TCP. A question is read strictly (query.c, name.c)
 * and judged by the policy (policy.c); what is not allowed is refused without a word to anyone else. What is allowed is answered
 * from the cache (cache.c) or asked upstream (upstream.c, stream.c). Of the reply only what answers the question is taken, and
 * written anew (reply.c, record.c); one that points into a refused range is refused (ranges.c). Where a line of the policy allows
 * the name, its addresses are put into the firewall's sets before the answer goes out (sets.c, nftset.c). Everything is logged
 * (log.c). All memory is static, every table and every wait has a bound.
 *
 * Hostile: who asks (the box), and who replies (the authors of the zones that it asks for). Trusted: the command line and the
 * policy. Whoever breaks it holds CAP_NET_ADMIN over this one namespace, an empty filter of calls otherwise, and no file. */
#include "flow.h"
#include "join.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int fail(const char *what) {
  fprintf(stderr, "glovebox-resolver: cannot %s: %s\n", what, strerror(errno));
  return EXIT_OURS;
}

static int watch_signals(int epoll_fd) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  signal(SIGPIPE, SIG_IGN);
  if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -1;
  int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return fd >= 0 && loop_watch(epoll_fd, fd, EPOLLIN, loop_tag(EVENT_SIGNAL, 0, 0), false) ? fd : -1;
}

int main(int argc, char **argv) {
  static struct options options;
  pid_t parent = getppid();
  if (argc > 1 && !strcmp(argv[1], "flows")) return flow_main(argc, argv);
  if (argc > 1 && !strcmp(argv[1], "capture")) return capture_main(argc, argv);
  if (argc > 1 && !strcmp(argv[1], "join")) return join_main(argc, argv);
  if (!options_parse(argc, argv, &options)) return EXIT_USAGE;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return fail("ask for its own end");
  int epoll_fd = epoll_create1(EPOLL_CLOEXEC), signal_fd = epoll_fd < 0 ? -1 : watch_signals(epoll_fd);
  if (signal_fd < 0) return fail("wait for events");
  if (!log_open(&options.log)) return fail("use the log");
  tell_open(options.names_fd);
  if ((options.sets.fd = nftset_open()) < 0) return fail("reach nftables");
  resolve_open(&options);
  members_open(&options.members);
  if (!resolve_reload(options.policy_fd)) {
    log_flush();
    fprintf(stderr, "glovebox-resolver: the policy is wrong; its log says where\n");
    return EXIT_USAGE;
  }
  upstream_open(epoll_fd, &options);
  client_open(epoll_fd);
  if (!listen_open(&options, epoll_fd)) return EXIT_OURS;
  if (!sandbox_drop(&options)) return fail("give up its rights");
  if (getppid() != parent) return EXIT_OURS;
  if (!sandbox_filter(&options.log)) return fail("give up system calls");
  log_event("ready");
  log_flush();
  ready_tell(options.ready_fd);
  return loop_run(epoll_fd, signal_fd, &options);
}

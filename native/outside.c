/* The outer half: the supervisor, with the user's own ids and no capability. It owns the user's terminal and
 * descriptors, of which the box never gets one; it passes bytes and signals, keeps the wall-clock bound, writes
 * the box's state for `glovebox ps`, and cleans up when the box has ended. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* pipe-max-size is 1 MiB by default: as much as a command can leave in its two pipes. */
enum { STALLED_MS = 1000, LAST_OUTPUT_MS = 50, LAST_OUTPUT_BYTES = 2 << 20 };

struct outside {
  const struct options *o;
  int control, signals, timer, log, master;
  pid_t pasta, gate[2]; /* the anchor and the keeper of the gate */
  int pasta_words;
  int anchor, roam; /* a pidfd, and what tells that the machine moves (roam.c); -1 for a box without a network */
  int joined[2]; /* they hold the box's place in a network of boxes, and nothing else is done with them; or -1 */
  int words; /* a second descriptor of stderr: the first is closed when the box's own stream ends */
  pid_t holder;
  bool raw, started, over, wall_passed, killed, failed;
  int code;
  uint64_t memory_bound; /* not 0: the kernel ended a process of the box at this bound */
  struct termios saved;
  char failure[MESSAGE_TEXT + 1];
  struct relay streams[3];
};

static void report(const struct outside *s, const char *event, int code) {
  if (s->o->status_fd >= 0) dprintf(s->o->status_fd, "{\"event\":\"%s\",\"code\":%d}\n", event, code);
}

static void terminal_size(const struct outside *s) {
  struct winsize size;
  if (s->master >= 0 && ioctl(0, TIOCGWINSZ, &size) == 0) ioctl(s->master, TIOCSWINSZ, &size);
}

static void terminal_raw(struct outside *s) {
  if (tcgetattr(0, &s->saved) < 0) return;
  struct termios raw = s->saved;
  cfmakeraw(&raw);
  s->raw = tcsetattr(0, TCSADRAIN, &raw) == 0;
}

static void terminal_restore(struct outside *s) {
  if (s->raw) tcsetattr(0, TCSADRAIN, &s->saved);
  s->raw = false;
}

static void open_streams(struct outside *s, const struct message *m) {
  if (m->kind == MSG_STDIO && m->fd_count == 3) {
    relay_open(&s->streams[0], 0, m->fds[0], -1, true);
    relay_open(&s->streams[1], m->fds[1], 1, s->log, false);
    relay_open(&s->streams[2], m->fds[2], 2, s->log, false);
  } else if (m->kind == MSG_CONSOLE && m->fd_count == 1) {
    s->master = m->fds[0];
    terminal_size(s);
    terminal_raw(s);
    relay_open(&s->streams[0], 0, s->master, -1, true);
    relay_open(&s->streams[1], fcntl(s->master, F_DUPFD_CLOEXEC, 3), 1, s->log, false);
  }
}

static void signal_box(const struct outside *s, int signal) {
  message_send(s->control, MSG_SIGNAL, signal, NULL, 0, NULL, 0);
}

static void kill_box(struct outside *s) {
  s->killed = true;
  if (s->o->verb == VERB_JOIN) signal_box(s, SIGKILL);
  else kill(s->holder, SIGKILL);
}

static void arm(const struct outside *s, uint64_t ms) {
  struct itimerspec when = {.it_value = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000}};
  if (ms == 0) when.it_value.tv_nsec = 1;
  timerfd_settime(s->timer, 0, &when, NULL);
}

static void fail_start(struct outside *s, const char *what, const char *why) {
  snprintf(s->failure, sizeof s->failure, "%s: %s", what, why);
  s->failed = s->over = true;
  s->code = EXIT_OURS;
  kill(s->holder, SIGKILL);
}

static void end_roaming(struct outside *s) {
  if (s->roam >= 0) close(s->roam);
  s->roam = -1;
}

/* By its own words, once it has ended; the gate has no other way out. */
static void pasta_ended(struct outside *s) {
  int status;
  if (s->pasta <= 0 || waitpid(s->pasta, &status, WNOHANG) != s->pasta) return;
  s->pasta = 0;
  end_roaming(s);
  if (s->started) {
    journal_write(s->o, "network-closed", ",\"by\":\"pasta\"");
    return;
  }
  char said[1024];
  pasta_words(s->pasta_words, said, sizeof said);
  fail_start(s, "Cannot connect the box's network: pasta said", said[0] ? said : "nothing");
}

static void end_pasta(struct outside *s) {
  end_roaming(s);
  if (s->pasta <= 0) return;
  kill(s->pasta, SIGKILL);
  waitpid(s->pasta, NULL, 0);
  s->pasta = 0;
}

/* Its rules hold without it, but names are not answered and flows not told: nothing may pass any more. */
static void gate_lost(struct outside *s) {
  end_pasta(s);
  journal_write(s->o, "network-closed", ",\"by\":\"gate\"");
}

/* Where the rules cannot follow, nothing may pass any more. */
static void machine_moved(struct outside *s) {
  if (roam_step(s->o, s->roam, s->anchor)) return;
  end_pasta(s);
  journal_write(s->o, "network-closed", ",\"by\":\"roaming\"");
}

static void timer_fired(struct outside *s) {
  uint64_t count;
  if (read(s->timer, &count, sizeof count) < 0) return;
  if (s->wall_passed) { kill_box(s); return; }
  s->wall_passed = true;
  signal_box(s, SIGTERM);
  arm(s, s->o->grace_ms);
}

static void signal_arrived(struct outside *s) {
  struct signalfd_siginfo info;
  if (read(s->signals, &info, sizeof info) != sizeof info) return;
  int signal = (int)info.ssi_signo;
  if (signal == SIGCHLD) {
    pasta_ended(s);
    return;
  }
  if (signal == SIGNAL_KILL_NOW) kill_box(s);
  else if (signal == SIGWINCH) terminal_size(s);
  else signal_box(s, signal);
}

/* Rules are loaded when the anchor speaks, so there is no moment with a link and no rules. */
static void gate_spoke(struct outside *s, const struct message *m) {
  if (m->value < 0 || m->value > 1 || m->sender <= 0) return;
  s->gate[m->value] = m->sender;
  if (m->value == 1) {
    state_write_gate(s->o, s->gate[0], s->gate[1]);
    return;
  }
  s->anchor = (int)syscall(SYS_pidfd_open, m->sender, 0);
  s->roam = s->anchor < 0 ? -1 : roam_open(s->o, s->anchor);
  if (s->roam < 0) {
    fail_start(s, "Cannot keep the box off the networks of this machine", roam_words());
    return;
  }
  s->pasta = pasta_start(s->o, m->sender, &s->pasta_words);
  if (s->pasta <= 0) fail_start(s, "Cannot start pasta", strerror(errno));
}

static void holder_spoke(struct outside *s) {
  struct message m;
  int n = message_receive(s->control, &m);
  if (n <= 0) { s->over = true; return; }
  switch (m.kind) {
    case MSG_STDIO:
    case MSG_CONSOLE: open_streams(s, &m); break;
    case MSG_GATE: gate_spoke(s, &m); break;
    case MSG_GATE_LOST: gate_lost(s); break;
    case MSG_JOINED: join_hold(s->joined, &m); break;
    case MSG_STARTED:
      s->started = true;
      if (s->o->wall_ms > 0) arm(s, s->o->wall_ms);
      journal_write(s->o, "started", "");
      report(s, "started", 0);
      break;
    case MSG_EXITED: s->code = m.value; s->over = true; break;
    case MSG_FAILED:
      s->failed = true;
      s->code = EXIT_OURS;
      memcpy(s->failure, m.text, m.text_length);
      s->failure[m.text_length] = 0;
      s->over = true;
      break;
    default: break;
  }
}

static void pass_bytes(struct outside *s, struct pollfd *fds, bool also_input) {
  for (int i = also_input ? 0 : 1; i < 3; i++) relay_step(&s->streams[i], fds[2 * i].revents, fds[2 * i + 1].revents);
}

static void fill_polls(const struct outside *s, struct pollfd *fds) {
  for (int i = 0; i < 3; i++) {
    const struct relay *r = &s->streams[i];
    /* Before the start it is the runtime that speaks: its words, with names out of the image, are for explain(). */
    bool speaks = i == 0 || s->started || s->over;
    short in = speaks ? relay_wants_in(r) : 0, out = relay_wants_out(r);
    fds[2 * i] = (struct pollfd){in ? r->in : -1, in, 0};
    fds[2 * i + 1] = (struct pollfd){out ? r->out : -1, out, 0};
  }
}

static void watch(struct outside *s) {
  while (!s->over) {
    struct pollfd fds[10];
    fill_polls(s, fds);
    fds[6] = (struct pollfd){s->control, POLLIN, 0};
    fds[7] = (struct pollfd){s->signals, POLLIN, 0};
    fds[8] = (struct pollfd){s->timer, POLLIN, 0};
    fds[9] = (struct pollfd){s->roam, POLLIN, 0};
    if (poll(fds, 10, -1) < 0 && errno != EINTR) break;
    if (fds[9].revents) machine_moved(s);
    pass_bytes(s, fds, true);
    if (fds[8].revents) timer_fired(s);
    if (fds[7].revents) signal_arrived(s);
    if (fds[6].revents) holder_spoke(s);
  }
}

/* How long to wait for the last output, in ms; -1 for as long as it takes. */
static int patience(const struct outside *s) {
  bool pending = s->streams[1].length > 0 || s->streams[2].length > 0;
  /* A reader that stands still would keep a box that was ended by force from being gone. */
  if (pending) return s->killed || s->wall_passed ? STALLED_MS : -1;
  if (s->o->verb != VERB_JOIN) return -1;
  return s->master >= 0 ? LAST_OUTPUT_MS : 0; /* a pty hands its bytes on a moment later, a pipe at once */
}

static bool wants_an_end(const struct outside *s) {
  struct signalfd_siginfo info;
  if (read(s->signals, &info, sizeof info) != sizeof info) return false;
  int signal = (int)info.ssi_signo;
  return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT || signal == SIGNAL_KILL_NOW;
}

/* The box is gone, and so every writer of its pipes: what is left in them ends with an end of file. Of a join only the
 * command is gone; others of the box may hold its pipes open for ever, so what is in them by now is all. */
static void drain(struct outside *s) {
  relay_close(&s->streams[0]);
  uint64_t before = s->streams[1].passed + s->streams[2].passed;
  while (!s->streams[1].ended || !s->streams[2].ended) {
    struct pollfd fds[7];
    fill_polls(s, fds);
    fds[0].fd = fds[1].fd = -1;
    fds[6] = (struct pollfd){s->signals, POLLIN, 0};
    if (s->failed && !s->started) {
      /* A start that failed: the runtime's noise goes into the explanation, not on the user's screen. */
      size_t used = strlen(s->failure);
      struct pollfd noise = {s->streams[2].in, POLLIN, 0};
      bool some = noise.fd >= 0 && poll(&noise, 1, STALLED_MS) > 0;
      ssize_t n = some ? read(noise.fd, s->failure + used, MESSAGE_TEXT - used) : 0;
      s->failure[used + (size_t)(n > 0 ? n : 0)] = 0;
      return;
    }
    int ready = poll(fds, 7, patience(s));
    if (ready == 0 || (ready < 0 && errno != EINTR)) return;
    if (fds[6].revents && wants_an_end(s)) return;
    pass_bytes(s, fds, false);
    if (s->o->verb == VERB_JOIN && s->streams[1].passed + s->streams[2].passed - before > LAST_OUTPUT_BYTES) return;
  }
}

/* One supervisor a box: a kept box that is started twice at once is refused the second time. */
static void lock_state(const struct outside *s) {
  char path[PATH_MAX];
  if (!s->o->state_dir) return;
  snprintf(path, sizeof path, "%s/lock", s->o->state_dir);
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) return; /* held until this process ends */
  int saved = errno;
  kill(s->holder, SIGKILL);
  if (fd >= 0 && saved == EWOULDBLOCK) die("Cannot start the box: it is running already.");
  die("Cannot lock the state of the box at %s: %s.", path, strerror(saved));
}

static void write_exit(const struct outside *s) {
  char path[PATH_MAX], text[16];
  if (!s->o->state_dir) return;
  snprintf(path, sizeof path, "%s/exit", s->o->state_dir);
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  int length = snprintf(text, sizeof text, "%d%s\n", s->code, s->wall_passed ? " wall" : s->memory_bound > 0 ? " memory" : "");
  write_all(fd, text, (size_t)length);
  close(fd);
}

void outside_prepare(struct options *o) {
  char path[PATH_MAX];
  for (size_t i = 0; i < o->cgroup_count; i++) {
    snprintf(path, sizeof path, "%s/cgroup.procs", o->cgroups[i]);
    o->cgroup_fds[i] = open(path, O_WRONLY | O_CLOEXEC);
    if (o->cgroup_fds[i] < 0) die("Cannot open the box's cgroup %s: %s.", o->cgroups[i], strerror(errno));
  }
  /* The files of a join are read already (--copy), and out of reach once it has left the host's mounts. */
  for (size_t i = 0; o->verb == VERB_JOIN && i < o->cleanup_count; i++) remove_tree(AT_FDCWD, o->cleanups[i]);
}

/* Before MSG_GO, so nothing of the box runs outside of its bounds; the commands that join it are bounded with it. */
static void enter_cgroups(const struct outside *s) {
  char pid[16];
  snprintf(pid, sizeof pid, "%d", (int)s->holder);
  for (size_t i = 0; i < s->o->cgroup_count; i++) {
    if (write_all(s->o->cgroup_fds[i], pid, strlen(pid)) < 0) {
      int saved = errno;
      kill(s->holder, SIGKILL);
      die("Cannot put the box into its cgroup %s: %s.", s->o->cgroups[i], strerror(saved));
    }
    close(s->o->cgroup_fds[i]);
  }
}

static void tell_end(const struct outside *s) {
  char rest[64];
  const char *reason = s->wall_passed ? ",\"reason\":\"wall\"" : s->memory_bound > 0 ? ",\"reason\":\"memory\"" : "";
  snprintf(rest, sizeof rest, ",\"exitCode\":%d%s", s->code, reason);
  journal_write(s->o, s->failed ? "failed" : "exited", s->failed ? "" : rest);
}

static void clean_up(const struct outside *s) {
  if (s->o->verb == VERB_JOIN) return; /* the box's cgroups are not ours, and paths would be looked up in the box's root */
  for (size_t i = 0; i < s->o->cgroup_count; i++) rmdir(s->o->cgroups[i]);
  for (size_t i = 0; i < s->o->cleanup_count; i++) remove_tree(AT_FDCWD, s->o->cleanups[i]);
}

static int catch_signals(void) {
  static const int passed[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH, SIGCHLD, SIGNAL_KILL_NOW};
  sigset_t set;
  sigemptyset(&set);
  for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) sigaddset(&set, passed[i]);
  sigprocmask(SIG_SETMASK, &set, NULL);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTTOU, SIG_IGN);
  return signalfd(-1, &set, SFD_CLOEXEC);
}

/* On the stream that was standard error at the start. */
static int fail(const struct outside *s) {
  dup2(s->words, 2);
  report(s, "failed", s->code);
  explain_failure(s->o, s->failure);
  return s->code;
}

int outside_run(const struct options *o, int control, pid_t holder) {
  static struct outside s;
  s = (struct outside){.o = o, .control = control, .holder = holder, .master = -1, .log = -1, .anchor = -1, .roam = -1, .joined = {-1, -1}, .words = fcntl(2, F_DUPFD_CLOEXEC, 3), .code = 128 + SIGKILL};
  for (int i = 0; i < 3; i++) {
    s.streams[i].ended = true;
    s.streams[i].in = s.streams[i].out = s.streams[i].log = -1;
  }
  s.signals = catch_signals();
  s.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (s.signals < 0 || s.timer < 0) die("Cannot watch the box: %s.", strerror(errno));
  if (o->log_path && (s.log = log_open(o->log_path, o->log_bytes)) < 0) die("Cannot open the log %s: %s.", o->log_path, strerror(errno));
  if (o->verb == VERB_RUN) {
    lock_state(&s);
    enter_cgroups(&s);
    if (namespace_map(o, holder) < 0) {
      kill(holder, SIGKILL);
      die("Cannot map the subordinate ids: newuidmap or newgidmap refused. Ask glovebox doctor.");
    }
  } else {
    enter_cgroups(&s);
  }
  if (o->kvm_fd >= 0) close(o->kvm_fd);
  gate_close_files(o);
  message_send(control, MSG_GO, 0, NULL, 0, NULL, 0);
  /* While the inner half builds its root; until it is written, the box counts as starting by this very pid. */
  if (o->verb == VERB_RUN) state_write_supervisor(o, holder);
  watch(&s);
  while (waitpid(holder, NULL, 0) < 0 && errno == EINTR) continue;
  end_pasta(&s);
  drain(&s);
  terminal_restore(&s);
  if (s.wall_passed) s.code = EXIT_WALL;
  if (o->verb == VERB_RUN) s.memory_bound = cgroups_bound_passed(o);
  if (s.failed && s.memory_bound > 0)
    snprintf(s.failure, sizeof s.failure, "Cannot start the box in %llu MiB of memory: the kernel ended its runtime.", (unsigned long long)(s.memory_bound >> 20));
  int lost = s.streams[1].lost ? s.streams[1].lost : s.streams[2].lost;
  if (lost && s.code == 0) s.code = EXIT_OURS; /* as a command that could not write its output itself */
  /* What is cleaned up needs no code: who waits has it from this process. */
  if (!s.failed && o->cleanup_count == 0) write_exit(&s);
  tell_end(&s);
  join_leave(o, s.joined);
  clean_up(&s);
  if (o->cleanup_count > 0) journal_write(o, "removed", "");
  if (s.failed) return fail(&s);
  report(&s, s.wall_passed ? "wall" : "exited", s.code);
  if (lost) dprintf(s.words, "glovebox: Output of the box was lost: %s.\n  → Send it where there is room.\n", strerror(lost));
  if (s.wall_passed) dprintf(s.words, "glovebox: The box was ended: its wall-clock limit of %llu ms has passed.\n", (unsigned long long)o->wall_ms);
  if (s.memory_bound > 0)
    dprintf(s.words, "glovebox: The box ran out of memory: the kernel ended a process of it at its bound of %llu MiB.\n  → Give it more with: --memory SIZE\n", (unsigned long long)(s.memory_bound >> 20));
  return s.code;
}

/* The first process of a virtual machine's guest: brings the image up and runs commands for the monitor.
 *
 * Theory of operation
 *
 * The kernel starts this program from its initramfs. It opens the virtio port to the monitor (wire.h), loads the few
 * modules that are packed beside it and mounts the disks and all that every box has (serve_root.c). Up to there each
 * guest of an image is the same, and may come out of a snapshot. Then it hears which box it is to be, and serves:
 * one loop over the port, the streams of the commands and the ends of processes. The first command becomes process 1
 * of a pid namespace of its own, as `init` in a container does, and later ones join that: so a box is the same in
 * every technology. When the first has ended and that is told, the monitor ends the machine. Nothing in the guest is a wall: that one is around the virtual machine. A guest that cannot go
 * on powers off, and the monitor says why from the kernel's log.
 */
#include "guest.h"
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PORT_WAIT_NS = 500000, PORT_TRIES = 40000, LATE_MAX = 2 * 65536 };

struct session {
  pid_t pid;          /* 0: the slot is free, or its command has ended */
  bool open, terminal, first;
  int exit_code;      /* -1 while it runs */
  size_t late;        /* bytes sent since it ended */
  struct sink in;
  struct source out, err;
  unsigned char *command; /* the parts of WIRE_OPEN so far */
  size_t command_length;
};

struct server {
  int port, children;
  bool ready, kept;
  struct wire wire;
  struct session sessions[WIRE_SESSIONS + 1];
};

static void power_off(void) {
  sync();
  reboot(RB_POWER_OFF);
}

/* The port is there a moment before its other end is: until then it looks hung up (virtio_console.c, port_fops_poll). */
static int open_port(void) {
  const struct timespec pause = {0, PORT_WAIT_NS};
  int fd = -1;
  for (int i = 0; i < PORT_TRIES; i++) {
    for (int port = 0; fd < 0 && port < 2; port++) /* QEMU keeps number 0 for a console */
      fd = open(port == 0 ? "/dev/vport0p0" : "/dev/vport0p1", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct pollfd port = {fd, POLLOUT, 0};
    if (fd >= 0 && poll(&port, 1, 0) == 1 && !(port.revents & POLLHUP)) return fd;
    nanosleep(&pause, NULL);
  }
  die("Cannot open the port to the monitor: %s.", strerror(errno));
}

static bool say_ready(struct server *s) {
  uint32_t version = WIRE_VERSION;
  return wire_send(&s->wire, 0, WIRE_READY, 0, &version, sizeof version);
}

static bool keep(struct server *s, const unsigned char *payload, size_t length) {
  static char text[WIRE_PAYLOAD_MAX + 1];
  static struct setup setup;
  if (s->ready) return false;
  memcpy(text, payload, length);
  if (!setup_parse(&setup, text, length)) return false;
  serve_expect(&setup);
  serve_launch_ahead();
  return say_ready(s);
}

static bool set_up(struct server *s, const unsigned char *payload, size_t length) {
  static char text[WIRE_PAYLOAD_MAX + 1];
  static struct setup setup;
  if (s->ready) return false;
  memcpy(text, payload, length);
  if (!setup_parse(&setup, text, length)) return false;
  serve_become(&setup);
  s->kept = setup.kept;
  s->ready = true;
  return true;
}

static bool open_session(struct server *s, struct session *session, const struct wire_header *h, const unsigned char *payload) {
  if (!s->ready || session->open || session->command_length + h->length > WIRE_OPEN_MAX) return false;
  if (!session->command && !(session->command = malloc(WIRE_OPEN_MAX))) return false;
  memcpy(session->command + session->command_length, payload, h->length);
  session->command_length += h->length;
  if (h->stream == 1) return true;
  struct launched started;
  bool well_formed = serve_launch(session->command, session->command_length, &started);
  if (well_formed) {
    const struct wire_command *c = (const void *)session->command;
    session->terminal = c->terminal;
    session->first = c->first;
  }
  free(session->command);
  session->command = NULL;
  session->command_length = 0;
  if (!well_formed) return false;
  session->pid = started.pid;
  session->open = true;
  session->exit_code = started.pid > 0 ? -1 : EXIT_OURS;
  session->in = (struct sink){.fd = started.in, .stream = 0};
  session->out = (struct source){.fd = started.out, .stream = 1, .credit = WIRE_WINDOW};
  session->err = (struct source){.fd = started.err, .stream = 2, .credit = WIRE_WINDOW};
  return true;
}

static void resize(const struct session *session, const unsigned char *payload) {
  struct wire_size size;
  memcpy(&size, payload, sizeof size);
  struct winsize window = {.ws_row = size.rows, .ws_col = size.columns};
  if (session->terminal && session->in.fd >= 0) ioctl(session->in.fd, TIOCSWINSZ, &window);
}

static bool handle(void *context, const struct wire_header *h, const unsigned char *payload) {
  struct server *s = context;
  struct session *session = &s->sessions[h->session];
  if (h->kind == WIRE_KEEP) return keep(s, payload, h->length);
  if (h->kind == WIRE_SETUP) return set_up(s, payload, h->length);
  if (h->session == 0) return false;
  if (h->kind == WIRE_OPEN) return open_session(s, session, h, payload);
  if (!session->open) return true; /* it ended while this was on its way */
  switch (h->kind) {
  case WIRE_DATA: return sink_take(&session->in, payload, h->length);
  case WIRE_EOF: session->in.ended = true; return true;
  case WIRE_CREDIT: return source_credit(h->stream == 2 ? &session->err : &session->out, payload, h->length);
  case WIRE_SIGNAL:
    if (h->length != 1) return false;
    if (session->pid > 0) kill(session->pid, payload[0]);
    else session->late = LATE_MAX; /* it has ended, and who signals will not wait for a reader of what it left */
    return true;
  case WIRE_SIZE:
    if (h->length != sizeof(struct wire_size)) return false;
    resize(session, payload);
    return true;
  default: return false;
  }
}

static void reap(struct server *s) {
  struct signalfd_siginfo info;
  while (read(s->children, &info, sizeof info) == sizeof info) continue;
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    for (int i = 1; i <= WIRE_SESSIONS; i++)
      if (s->sessions[i].open && s->sessions[i].pid == pid) {
        s->sessions[i].exit_code = WIFSIGNALED(status) ? EXIT_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
        s->sessions[i].pid = 0;
      }
}

/* What the command had written is sent before its end is told: at most what its pipes can hold. What processes that
 * it left behind still write is not waited for. */
static bool drained(struct server *s, struct session *session, uint16_t number) {
  struct source *sources[] = {&session->out, &session->err};
  for (int i = 0; i < 2; i++) {
    while (session->late < LATE_MAX) {
      uint32_t before = sources[i]->credit;
      if (!source_pump(sources[i], &s->wire, number)) break;
      session->late += before - sources[i]->credit;
    }
    /* Without credit nobody can tell whether more is there. */
    if (session->late < LATE_MAX && sources[i]->fd >= 0 && !source_wanted(sources[i], &s->wire)) return false;
  }
  return true;
}

static void end_session(struct server *s, struct session *session, uint16_t number) {
  if (!drained(s, session, number)) return;
  if (session->first && s->kept) sync();
  uint8_t code = (uint8_t)session->exit_code;
  if (!wire_send(&s->wire, number, WIRE_EXIT, 0, &code, 1)) return;
  sink_free(&session->in);
  if (session->out.fd >= 0) close(session->out.fd);
  if (session->err.fd >= 0) close(session->err.fd);
  *session = (struct session){.exit_code = -1};
}

static void pump(struct server *s) {
  for (uint16_t i = 1; i <= WIRE_SESSIONS; i++) {
    struct session *session = &s->sessions[i];
    if (!session->open) continue;
    sink_pump(&session->in, &s->wire, i);
    source_pump(&session->out, &s->wire, i);
    source_pump(&session->err, &s->wire, i);
    if (session->exit_code >= 0) end_session(s, session, i);
  }
}

static void flush_port(struct server *s) {
  while (ring_used(&s->wire.out) > 0) {
    unsigned char *at;
    size_t length = ring_front(&s->wire.out, &at);
    ssize_t n = write(s->port, at, length);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      say("Cannot write to the monitor: %s.", strerror(errno));
      power_off();
    }
    s->wire.out.head += (size_t)n;
  }
}

static void read_port(struct server *s) {
  unsigned char bytes[WIRE_PAYLOAD_MAX];
  ssize_t n = read(s->port, bytes, sizeof bytes);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0 || !wire_feed(&s->wire, bytes, (size_t)n, handle, s)) {
    say("The monitor is gone, or said what this guest does not understand.");
    power_off();
  }
}

static nfds_t watch(struct server *s, struct pollfd *fds) {
  nfds_t n = 0;
  fds[n++] = (struct pollfd){s->port, (short)(POLLIN | (ring_used(&s->wire.out) > 0 ? POLLOUT : 0)), 0};
  fds[n++] = (struct pollfd){s->children, POLLIN, 0};
  for (int i = 1; i <= WIRE_SESSIONS; i++) {
    struct session *session = &s->sessions[i];
    if (!session->open) continue;
    if (session->in.fd >= 0 && ring_used(&session->in.ring) > 0) fds[n++] = (struct pollfd){session->in.fd, POLLOUT, 0};
    if (source_wanted(&session->out, &s->wire)) fds[n++] = (struct pollfd){session->out.fd, POLLIN, 0};
    if (source_wanted(&session->err, &s->wire)) fds[n++] = (struct pollfd){session->err.fd, POLLIN, 0};
  }
  return n;
}

_Noreturn void serve_run(void) {
  static struct server s;
  static struct pollfd fds[2 + 3 * WIRE_SESSIONS];
  sigset_t children;
  mkdir("/dev", 0755);
  mount("dev", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC, NULL);
  int console = open("/dev/console", O_RDWR); /* what we say goes to the kernel's log on the monitor's side */
  for (int fd = 0; console >= 0 && fd < 3; fd++) dup2(console, fd);
  mkdir("/proc", 0555);
  mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
  serve_load_modules();
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_SETMASK, &children, NULL);
  s.children = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  s.port = open_port();
  serve_enter_root();
  s.wire.out = (struct ring){malloc(WIRE_OUT), WIRE_OUT, 0, 0};
  for (int i = 0; i <= WIRE_SESSIONS; i++) s.sessions[i].exit_code = -1;
  if (s.children < 0 || !s.wire.out.bytes || !say_ready(&s)) power_off();
  for (;;) {
    flush_port(&s);
    nfds_t count = watch(&s, fds);
    if (poll(fds, count, -1) < 0 && errno != EINTR) power_off();
    if (fds[1].revents) reap(&s);
    if (fds[0].revents & (POLLIN | POLLHUP | POLLERR)) read_port(&s);
    pump(&s);
  }
}

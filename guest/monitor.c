/* Process 1 of the jail in which a virtual machine monitor runs: starts it, and is to the outside what the command in
 * the guest is: its standard streams, its terminal, its signals and its exit code.
 *
 * Theory of operation
 *
 * So everything around a box is the same for a virtual machine: the OCI runtime starts this program as it would
 * start the command, the supervisor relays its streams, and a further command (`exec`) is this program again, as
 * `attach`, which hands its streams over to the monitor by a socket in the jail. The monitor is in the jail with the
 * VMM and has no right that this has not: it is no wall, but it keeps a guest's lies to the bounds of the wire.
 *
 *   monitor [--kvm] [--tap] [--vhost] [OPTION VALUE…] -- COMMAND… --- VMM…
 *
 * With --save the machine's memory is kept once its server listens, and that is all (qmp.c). With --resume the machine
 * goes on from there: its server has said that it listens, and hears now what this guest is.
 *
 * What the VMM and the kernel print is kept to its last lines, and shown when the machine ends before its command.
 */
#include "guest.h"
#include "host_clock.h"
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOG_BYTES = 16384, LOG_READS = 32, FIRST = 1 };

struct monitor {
  const struct monitor_options *o;
  int listener, signals, log_fd, attach_listener;
  pid_t vmm;
  bool ready, asked_to_keep;
  struct ring log;
  struct wire wire;
  struct link link;
  struct qmp qmp;
  struct session sessions[WIRE_SESSIONS + 1];
};

int listen_at(const char *path, int type) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 16) < 0)
    die("Cannot make the socket %s in the jail: %s.", path, strerror(errno));
  return fd;
}

/* In the kernel's command line, where the rate of the host's counter is to stand. */
#define TSC_UNKNOWN "tsc_early_khz=HOST"

static void fill_in_clock(char **words) {
  for (; *words; words++) {
    char *at = strstr(*words, TSC_UNKNOWN), *filled;
    if (!at) continue;
    if (asprintf(&filled, "%.*stsc_early_khz=%u%s", (int)(at - *words), *words, tsc_khz(), at + strlen(TSC_UNKNOWN)) < 0)
      die("Cannot allocate memory for the virtual machine's command line.");
    *words = filled;
  }
}

static void start_vmm(struct monitor *m) {
  fill_in_clock(m->o->vmm);
  int log[2];
  if (pipe2(log, O_CLOEXEC) < 0) die("Cannot make a pipe: %s.", strerror(errno));
  m->vmm = fork();
  if (m->vmm < 0) die("Cannot fork for the virtual machine: %s.", strerror(errno));
  if (m->vmm == 0) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (null < 0 || dup2(null, 0) < 0 || dup2(log[1], 1) < 0 || dup2(log[1], 2) < 0) _exit(EXIT_OURS);
    default_signals();
    for (int i = 0; i < m->o->devices; i++)
      if (fcntl(FIRST_DEVICE + i, F_SETFD, 0) < 0) _exit(EXIT_OURS);
    execve(m->o->vmm[0], m->o->vmm, (char *[]){"HOME=/tmp", "TMPDIR=/dev/shm", "PATH=/usr/bin:/bin", NULL});
    dprintf(2, "cannot start %s: %s\n", m->o->vmm[0], strerror(errno));
    _exit(EXIT_NOT_FOUND);
  }
  close(log[1]);
  fcntl(log[0], F_SETFL, O_NONBLOCK);
  m->log_fd = log[0];
}

/* The newest bytes win. A guest can write without end: a pipe's worth at a time, as other work is due, too. */
static void read_log(struct monitor *m) {
  unsigned char bytes[4096];
  ssize_t n = -1;
  for (int i = 0; i < LOG_READS && (n = read(m->log_fd, bytes, sizeof bytes)) > 0; i++) {
    size_t over = (size_t)n > ring_free(&m->log) ? (size_t)n - ring_free(&m->log) : 0;
    m->log.head += over;
    ring_put(&m->log, bytes, (size_t)n);
    if (m->o->verbose) write_all(2, bytes, (size_t)n);
  }
  if (n == 0) {
    close(m->log_fd);
    m->log_fd = -1;
  }
}

_Noreturn static void machine_ended(struct monitor *m, const char *why) {
  char text[2048];
  size_t length = 0;
  if (m->log_fd >= 0) read_log(m);
  size_t used = ring_used(&m->log), from = used > sizeof text - 1 ? used - (sizeof text - 1) : 0;
  for (size_t i = from; i < used; i++) {
    char byte = (char)m->log.bytes[(m->log.head + i) & (m->log.size - 1)];
    text[length++] = byte ? byte : ' '; /* what stands behind a NUL is shown, too */
  }
  text[length] = 0;
  say("The virtual machine ended before its command: %s. Its last words:", why);
  for (char *line = strtok(text, "\r\n"); line; line = strtok(NULL, "\r\n")) say("| %s", line);
  if (m->o->snapshot == QMP_RESUME) say("Should the memory that it went on from be damaged, remove it: glovebox snapshot list");
  _exit(EXIT_OURS);
}

static void ask_to_keep(struct monitor *m) {
  char text[WIRE_PAYLOAD_MAX];
  size_t length = setup_document(m->o, text, sizeof text);
  if (length == 0 || !wire_send(&m->wire, 0, WIRE_KEEP, 0, text, length)) die("Cannot tell the guest that it is kept.");
  m->asked_to_keep = true;
}

static void hello(struct monitor *m) {
  char text[WIRE_PAYLOAD_MAX];
  size_t length = setup_document(m->o, text, sizeof text);
  if (length == 0 || !wire_send(&m->wire, 0, WIRE_SETUP, 0, text, length)) die("Cannot tell the guest what it is.");
  m->ready = true;
  for (uint16_t i = 1; i <= WIRE_SESSIONS; i++)
    if (m->sessions[i].open) session_announce(&m->sessions[i], &m->wire, i);
}

static bool handle(void *context, const struct wire_header *h, const unsigned char *payload) {
  struct monitor *m = context;
  if (h->kind == WIRE_READY) {
    uint32_t version = 0;
    if (m->ready || h->length != sizeof version) return false;
    memcpy(&version, payload, sizeof version);
    if (version != WIRE_VERSION || m->o->snapshot == QMP_RESUME) return false;
    if (m->o->snapshot != QMP_SAVE) hello(m);
    else if (m->asked_to_keep) qmp_start(&m->qmp);
    else ask_to_keep(m);
    return true;
  }
  if (!m->ready || h->session == 0) return false;
  struct session *session = &m->sessions[h->session];
  if (!session->open) return false; /* sessions end by the guest's word only */
  if (h->kind != WIRE_EXIT) return session_take(session, h, payload);
  if (h->length != 1 || session->exit_code >= 0) return false;
  session->exit_code = payload[0];
  return true;
}

static void pump_sessions(struct monitor *m) {
  for (uint16_t i = 1; i <= WIRE_SESSIONS; i++) {
    struct session *s = &m->sessions[i];
    if (!s->open || !m->ready) continue;
    if (!session_announce(s, &m->wire, i)) continue;
    source_pump(&s->in, &m->wire, i);
    sink_pump(&s->out, &m->wire, i);
    sink_pump(&s->err, &m->wire, i);
    if (s->exit_code < 0 || ring_used(&s->out.ring) > 0 || ring_used(&s->err.ring) > 0) continue;
    if (i == FIRST) _exit(s->exit_code); /* process 1: the kernel ends the VMM with it */
    session_end(s);
  }
}

static uint16_t free_session(struct monitor *m) {
  for (uint16_t i = FIRST + 1; i <= WIRE_SESSIONS; i++)
    if (!m->sessions[i].open) return i;
  return 0;
}

static void accept_attach(struct monitor *m) {
  int fd = accept4(m->attach_listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  uint16_t number = free_session(m);
  if (number == 0 || !session_attached(&m->sessions[number], fd)) {
    close(fd);
    return;
  }
}

static bool ends_by_itself(int signal) {
  return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT;
}

static void read_signals(struct monitor *m) {
  struct signalfd_siginfo info;
  while (read(m->signals, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD) {
      int status;
      for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        if (pid == m->vmm) m->vmm = 0;
    } else {
      /* A machine that still boots has nobody to tell. */
      if (!m->ready && ends_by_itself((int)info.ssi_signo)) _exit(EXIT_SIGNAL + (int)info.ssi_signo);
      session_signal(&m->sessions[FIRST], &m->wire, FIRST, (int)info.ssi_signo);
    }
  }
}

static size_t watch(struct monitor *m, struct pollfd *fds) {
  size_t n = link_watch(&m->link, &m->wire, fds);
  fds[n++] = (struct pollfd){m->listener, POLLIN, 0};
  fds[n++] = (struct pollfd){m->signals, POLLIN, 0};
  fds[n++] = (struct pollfd){m->log_fd, POLLIN, 0};
  fds[n++] = (struct pollfd){m->attach_listener, POLLIN, 0};
  fds[n++] = (struct pollfd){qmp_watch(&m->qmp), POLLIN, 0};
  for (int i = 1; i <= WIRE_SESSIONS && m->ready; i++) n += session_watch(&m->sessions[i], &m->wire, fds + n);
  return n;
}

static void connect_vmm(struct monitor *m) {
  int fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC);
  if (fd < 0) return;
  if (!link_connect(&m->link, fd)) die("Cannot allocate memory for the link to the virtual machine.");
  close(m->listener);
  m->listener = -1;
}

static void pump_snapshot(struct monitor *m) {
  qmp_pump(&m->qmp);
  if (!m->qmp.done) return;
  if (m->o->snapshot == QMP_SAVE) {
    disk_copy_sparse(m->o->own_disk, SNAPSHOT_DISK, true);
    _exit(0); /* process 1: the kernel ends the VMM with it */
  }
  if (!m->ready && m->link.fd >= 0) hello(m);
}

/* The VMM shares its guest's memory with us as a file, and can cut that short while we read. */
static void memory_gone(int signal) {
  static const char words[] = "glovebox: The virtual machine ended before its command: it took back memory that it shared.\n";
  (void)signal;
  write_all(2, words, sizeof words - 1);
  _exit(EXIT_OURS);
}

/* Two machines that write to one file system destroy it. The lock is held until this process ends, however it does. */
static void take_home(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) die("Cannot open the disk of the home folder: %s.", strerror(errno));
  if (flock(fd, LOCK_EX | LOCK_NB) < 0) die("Cannot use the home folder: another box has it.");
}

static void prepare(struct monitor *m) {
  signal(SIGBUS, memory_gone);
  for (int i = 0; i < m->o->devices; i++)
    if (fcntl(FIRST_DEVICE + i, F_SETFD, FD_CLOEXEC) < 0) die("Cannot find the machine's devices among the jail's descriptors.");
  sigset_t all;
  sigfillset(&all);
  for (int i = 0; i < 5; i++) sigdelset(&all, (int[]){SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}[i]);
  sigprocmask(SIG_SETMASK, &all, NULL);
  m->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  m->listener = listen_at(CHANNEL_SOCKET, SOCK_STREAM);
  m->attach_listener = listen_at(ATTACH_SOCKET, SOCK_SEQPACKET);
  m->log = (struct ring){malloc(LOG_BYTES), LOG_BYTES, 0, 0};
  m->wire.out = (struct ring){malloc(WIRE_OUT), WIRE_OUT, 0, 0};
  qmp_init(&m->qmp, m->o->snapshot);
  link_init(&m->link, m->o->vhost ? LINK_VHOST : LINK_SOCKET);
  if (m->signals < 0 || !m->log.bytes || !m->wire.out.bytes) die("Cannot prepare the virtual machine: %s.", strerror(errno));
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now); /* stands still while the host sleeps */
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* For poll(2): how long the guest may still take to come up, in ms; -1 where nothing is waited for. Ends a machine that
 * has had its time: an emulated one hangs at times while it boots, and would be waited for without end. */
static int boot_time_left(struct monitor *m, int64_t started_ms) {
  char why[80];
  if (m->ready || m->o->boot_seconds == 0) return -1;
  int64_t left = started_ms + (int64_t)m->o->boot_seconds * 1000 - now_ms();
  if (left > 0) return left > INT32_MAX ? INT32_MAX : (int)left;
  snprintf(why, sizeof why, "its guest had not come up after %u seconds", m->o->boot_seconds);
  machine_ended(m, why);
}

int monitor_run(char **words) {
  static struct monitor m;
  static struct monitor_options options;
  static struct pollfd fds[LINK_POLLED + 5 + 4 * WIRE_SESSIONS];
  landlock_enter(LANDLOCK_WITH_SCOPES);
  monitor_parse(&options, words);
  m.o = &options;
  prepare(&m);
  if (options.empty_disk) disk_copy_sparse(options.empty_disk, options.own_disk, false);
  if (options.home_disk) take_home(options.home_disk);
  session_first(&m.sessions[FIRST], &options);
  start_vmm(&m);
  const int64_t started_ms = now_ms();
  for (;;) {
    size_t links = link_watch(&m.link, &m.wire, fds), count = watch(&m, fds);
    if (poll(fds, count, boot_time_left(&m, started_ms)) < 0 && errno != EINTR) die("Cannot wait for the virtual machine: %s.", strerror(errno));
    if (fds[links].revents) connect_vmm(&m);
    if (fds[links + 1].revents) read_signals(&m);
    if (fds[links + 2].revents) read_log(&m);
    if (fds[links + 3].revents) accept_attach(&m);
    pump_snapshot(&m);
    for (int i = 1; i <= WIRE_SESSIONS; i++) session_control(&m.sessions[i], &m.wire, (uint16_t)i);
    bool alive = link_pump(&m.link, &m.wire, fds, links, handle, &m);
    pump_sessions(&m);
    if (alive) alive = link_pump(&m.link, &m.wire, NULL, 0, handle, &m);
    if (!alive && m.sessions[FIRST].exit_code < 0)
      machine_ended(&m, m.link.broke_rule ? "it broke a rule of its channel" : "it broke off the connection");
    if (m.vmm == 0 && m.sessions[FIRST].exit_code < 0) machine_ended(&m, "its process ended");
  }
}

/* The inner half. For a new box it is pid 1 of the holder's pid namespace, so that its end is the end of everything
 * in it, by the kernel's own hand (pid_namespaces(7)); for a join it is a subreaper inside the box's namespace.
 *
 * It starts the OCI runtime (or, for a job, a tool), learns which process is the box, passes signals on, and
 * reports the box's exit code. It trusts nothing of the box but that exit code and the pty that the runtime hands over. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STARTED_POLL_MS = 5, REAPED_MAX = 64, KEYCTL_JOIN_SESSION_KEYRING_OP = 1 };

struct inside {
  const struct options *o;
  int control, children, console; /* sockets and signalfd; console is -1 where there is none */
  char pid_path[64], console_path[64];
  pid_t runtime, app;             /* app is 0 until the runtime has said which process it is */
  int pending_signal;
  struct gate gate;
  struct { pid_t pid; int status; } reaped[REAPED_MAX]; /* ends seen before the app's pid was known */
  size_t reaped_count;
};

static int exit_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

static int listen_console(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0)
    die("Cannot make the socket for the box's terminal: %s.", strerror(errno));
  return fd;
}

/* The runtime sends the master of the pty that it made inside the box (runc docs/terminals.md). */
static void accept_console(struct inside *in) {
  int client = accept4(in->console, NULL, NULL, SOCK_CLOEXEC);
  if (client < 0) return;
  char name[256];
  struct iovec part = {name, sizeof name};
  union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int))]; } control;
  struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t n = recvmsg(client, &msg, MSG_CMSG_CLOEXEC);
  struct cmsghdr *c = n >= 0 ? CMSG_FIRSTHDR(&msg) : NULL;
  if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int))) {
    int master;
    memcpy(&master, CMSG_DATA(c), sizeof master);
    message_send(in->control, MSG_CONSOLE, 0, NULL, 0, &master, 1);
    close(master);
  }
  close(client);
  close(in->console);
  in->console = -1;
  unlink(in->console_path);
}

/* The pipes are made here, by the subordinate root, so that a program in the box that runs as it may reopen
 * /dev/stdout; one that runs as another user may too, as they are world-writable: nobody else can reach them. */
static void make_stdio(struct inside *in, int ret_inner[3]) {
  int outer[3];
  for (int i = 0; i < 3; i++) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) die("Cannot make a pipe for the box: %s.", strerror(errno));
    ret_inner[i] = i == 0 ? ends[0] : ends[1];
    outer[i] = i == 0 ? ends[1] : ends[0];
    fchmod(ret_inner[i], 0666);
  }
  if (message_send(in->control, MSG_STDIO, 0, NULL, 0, outer, 3) < 0) _exit(EXIT_OURS);
  for (int i = 0; i < 3; i++) close(outer[i]);
}

/* What a virtual machine gets beside its files, from descriptor 3 on: /dev/kvm, then the tap. */
static void give_devices(const struct inside *in) {
  int given[2] = {in->o->kvm_fd, in->gate.tap}, at = 3;
  for (int i = 0; i < 2; i++)
    if (given[i] >= 0 && (given[i] = fcntl(given[i], F_DUPFD_CLOEXEC, 16)) < 0) _exit(126);
  for (int i = 0; i < 2; i++)
    if (given[i] >= 0 && dup2(given[i], at++) < 0) _exit(126);
}

static void start_runtime(struct inside *in) {
  int stdio[3] = {0, 1, 2};
  if (in->o->stdio == STDIO_RELAY) make_stdio(in, stdio);
  if (in->o->stdio == STDIO_TTY) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int log = open(RUNTIME_LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (null < 0 || log < 0) die("Cannot open the runtime's log: %s.", strerror(errno));
    stdio[0] = null;
    stdio[1] = stdio[2] = log;
  }
  in->runtime = fork();
  if (in->runtime < 0) die("Cannot fork for the runtime: %s.", strerror(errno));
  if (in->runtime == 0) {
    for (int i = 0; i < 3; i++)
      if (dup2(stdio[i], i) < 0) _exit(126);
    give_devices(in);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvpe(in->o->argv[0], in->o->argv, (char *const *)(uintptr_t)in->o->env);
    dprintf(2, "glovebox: cannot start %s: %s\n", in->o->argv[0], strerror(errno));
    _exit(127);
  }
  if (in->o->stdio != STDIO_INHERIT)
    for (int i = 0; i < 3; i++) close(stdio[i]);
  /* From here on this half holds none of the user's descriptors. */
  if (in->o->kvm_fd >= 0) close(in->o->kvm_fd);
  if (in->gate.tap >= 0) close(in->gate.tap);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int i = 0; i < 3; i++) dup2(null, i);
}

static _Noreturn void finish(struct inside *in, int code) {
  if (getpid() == 1) {
    gate_end(&in->gate);
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) continue;
    if (in->o->upper_disposable && in->o->upper_dir) {
      umount2(ROOTFS, MNT_DETACH);
      int fd = open("/box/write", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (fd >= 0) {
        remove_tree(fd, "upper");
        remove_tree(fd, "work");
        remove_tree(fd, "tmp");
      }
    }
  }
  message_send(in->control, MSG_EXITED, code, NULL, 0, NULL, 0);
  _exit(0);
}

/* The runtime's own words, for the one who reads the failure. */
static _Noreturn void fail_start(struct inside *in, int code) {
  char log[MESSAGE_TEXT];
  int fd = open(RUNTIME_LOG, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read(fd, log, sizeof log) : 0;
  message_send(in->control, MSG_FAILED, code, log, n > 0 ? (size_t)n : 0, NULL, 0);
  _exit(EXIT_OURS);
}

static pid_t read_pid_file(const char *path) {
  char text[32];
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return 0;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  unlink(path);
  if (n <= 0) return 0;
  text[n] = 0;
  return (pid_t)strtol(text, NULL, 10);
}

/* `runsc run` passes no signal on: `runsc [OPTION…] run …` becomes `runsc [OPTION…] kill box SIGNAL`. */
static void signal_by_runtime(const struct inside *in, int signal) {
  char *argv[64], number[16];
  size_t n = 0;
  while (n < 60 && in->o->argv[n] && strcmp(in->o->argv[n], "run")) {
    argv[n] = in->o->argv[n];
    n++;
  }
  snprintf(number, sizeof number, "%d", signal);
  argv[n++] = "kill";
  argv[n++] = "box";
  argv[n++] = number;
  argv[n] = NULL;
  if (fork() != 0) return;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvpe(argv[0], argv, (char *const *)(uintptr_t)in->o->env);
  _exit(127);
}

static void pass_signal(const struct inside *in, int signal) {
  if (in->o->started_file) signal_by_runtime(in, signal);
  else kill(in->app, signal);
}

static void app_known(struct inside *in, pid_t app) {
  in->app = app;
  message_send(in->control, MSG_STARTED, 0, NULL, 0, NULL, 0);
  for (size_t i = 0; i < in->reaped_count; i++)
    if (in->reaped[i].pid == app) finish(in, exit_code(in->reaped[i].status));
  if (in->pending_signal) pass_signal(in, in->pending_signal);
}

/* A runtime that stays says in a file of its own when the box runs: there is nothing else to wait for. */
static bool box_runs(const struct inside *in) {
  static char text[1 << 20]; /* it holds the whole bundle as well */
  int fd = open(in->o->started_file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return false;
  text[n] = 0;
  return strstr(text, in->o->started_text) != NULL;
}

static void runtime_ended(struct inside *in, int status) {
  if (!in->o->detach_runtime) {
    /* A command may be over before anybody saw it run; 128 is what runsc says of a start that failed. */
    if (in->app == 0 && exit_code(status) == 128) fail_start(in, EXIT_OURS);
    if (in->app == 0) message_send(in->control, MSG_STARTED, 0, NULL, 0, NULL, 0);
    finish(in, exit_code(status));
  }
  pid_t app = read_pid_file(in->pid_path);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || app <= 0) fail_start(in, exit_code(status));
  app_known(in, app);
}

/* No rule of it is gone, but nobody answers or tells any more: the supervisor cuts it off. */
static void gate_lost(struct inside *in) {
  in->gate.keeper = 0;
  message_send(in->control, MSG_GATE_LOST, 0, NULL, 0, NULL, 0);
}

static void reap(struct inside *in) {
  struct signalfd_siginfo info;
  while (read(in->children, &info, sizeof info) == sizeof info) continue;
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == in->app) finish(in, exit_code(status));
    else if (pid == in->gate.keeper) gate_lost(in);
    else if (pid == in->runtime) runtime_ended(in, status);
    else if (in->app == 0 && in->reaped_count < REAPED_MAX) {
      in->reaped[in->reaped_count].pid = pid;
      in->reaped[in->reaped_count++].status = status;
    }
  }
}

static void obey(struct inside *in) {
  struct message m;
  int n = message_receive(in->control, &m);
  if (n <= 0) {
    /* The outer half is dead: so is the box. */
    if (getpid() != 1 && in->app > 0) kill(in->app, SIGKILL);
    _exit(EXIT_OURS);
  }
  if (m.kind != MSG_SIGNAL) return;
  if (in->app > 0) pass_signal(in, m.value);
  else in->pending_signal = m.value;
}

static void prepare(struct inside *in) {
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_SETMASK, &children, NULL);
  in->children = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  if (in->children < 0) die("Cannot watch for the end of processes: %s.", strerror(errno));
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  setsid();
  umask(022);
  quota_share_rlimits();
  /* A session keyring of its own: the user's would be inherited by all that follows (session-keyring(7)).
   * A kernel without keyrings has none to leak. */
  if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING_OP, NULL) < 0 && errno != ENOSYS)
    die("Cannot leave the user's session keyring: %s.", strerror(errno));
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

_Noreturn void inside_run(const struct options *o, int control) {
  static struct inside in;
  in.o = o;
  in.control = control;
  in.console = -1;
  in.gate.tap = -1;
  die_to(control);
  prepare(&in);
  bool joining = o->verb == VERB_JOIN;
  if (o->status_fd >= 0) close(o->status_fd);
  for (size_t i = 0; i < o->cgroup_count; i++) close(o->cgroup_fds[i]);
  if (o->gate_refused >= 0) close(o->gate_refused);
  snprintf(in.pid_path, sizeof in.pid_path, PID_FILE "%s", joining ? o->join_suffix : "");
  snprintf(in.console_path, sizeof in.console_path, CONSOLE_SOCKET "%s", joining ? o->join_suffix : "");
  struct message go;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (message_receive(control, &go) <= 0 || go.kind != MSG_GO) _exit(EXIT_OURS);
  if (joining) {
    root_become_owner();
  } else {
    root_take(o);
    unsigned number = join_open(o, control);
    root_become_owner();
    gate_open(o, number, &in.gate);
    root_build(o);
    gate_start(o, control, &in.gate);
    root_mount_overlay(o);
    quota_share_counts();
    if (!o->host_network && in.gate.keeper == 0) namespace_loopback_up();
    if (o->lower_count > 0) namespace_lock(o);
    if (in.gate.keeper > 0) {
      namespace_new_network();
      namespace_loopback_up();
      root_cover(o);
    }
    if (o->no_user_namespaces && write_file("/proc/sys/user/max_user_namespaces", "0") < 0)
      die("Cannot forbid further user namespaces in the box: %s.", strerror(errno));
  }
  root_copy_files(o);
  gate_connect(o, &in.gate);
  if (o->stdio == STDIO_TTY) in.console = listen_console(in.console_path);
  start_runtime(&in);
  if (!o->detach_runtime && !o->started_file) app_known(&in, in.runtime);
  for (;;) {
    struct pollfd fds[3] = {{control, POLLIN, 0}, {in.children, POLLIN, 0}, {in.console, POLLIN, 0}};
    bool starting = o->started_file && in.app == 0;
    if (poll(fds, 3, starting ? STARTED_POLL_MS : -1) < 0 && errno != EINTR) _exit(EXIT_OURS);
    if (starting && box_runs(&in)) app_known(&in, in.runtime);
    if (fds[2].revents & POLLIN) accept_console(&in);
    if (fds[1].revents) reap(&in);
    if (fds[0].revents) obey(&in);
  }
}

/* Starts one command in the guest, as an OCI runtime does in a container: its own session, standard streams, ids and
 * limits, no capability and none to be gained. The first one is process 1 of a new pid namespace, later ones join. */
#include "guest.h"
#include "command.h"
#include "handover.h"
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

_Noreturn static void become(const struct command *command, const int stdio[3]) {
  setsid();
  if (command->fixed->first) serve_mount_proc();
  command_enter(command->fixed, command->folder, stdio);
  execve(GUEST_PROGRAM, (char **)command->arguments, (char **)command->variables);
  die("Cannot start the guest program: %s.", strerror(errno));
}

/* Not a command of the box: no namespace, no user and no limit of it, so that it sees all files and nothing of the box
 * sees it. */
_Noreturn static void read_files(enum wire_read what, const int stdio[3]) {
  for (int i = 0; i < 3; i++)
    if (dup2(stdio[i], i) < 0) _exit(EXIT_OURS);
  default_signals();
  _exit(serve_read(what));
}

static int open_terminal(const struct wire_command *c, int *ret_master) {
  int number, unlocked = 0;
  struct winsize size = {.ws_row = c->size.rows, .ws_col = c->size.columns};
  int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) < 0 || ioctl(master, TIOCGPTN, &number) < 0) return -1;
  int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return -1;
  ioctl(slave, TIOCSWINSZ, &size);
  if (fchown(slave, c->uid, c->gid) < 0) {
    close(slave);
    return -1;
  }
  *ret_master = master;
  return slave;
}

/* 0666 as a program may reopen /dev/stdout as whatever user it is. */
static bool make_pipe(int *ret_ours, int *ret_theirs, bool into) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return false;
  *ret_theirs = ends[into ? 0 : 1];
  *ret_ours = ends[into ? 1 : 0];
  fcntl(*ret_ours, F_SETFL, O_NONBLOCK);
  fchmod(*ret_theirs, 0666);
  return true;
}

/* The pid namespace of the box, once there is one; and /proc as it was before the box's own was mounted over it. */
static int box_namespace = -1, own_namespace = -1, own_proc = -1;

static bool enter_namespace(bool first) {
  if (own_proc < 0) own_proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (own_namespace < 0) own_namespace = openat(own_proc, "self/ns/pid", O_RDONLY | O_CLOEXEC);
  if (own_namespace < 0) return false;
  return first ? unshare(CLONE_NEWPID) == 0 : box_namespace >= 0 && setns(box_namespace, CLONE_NEWPID) == 0;
}

static void remember_namespace(pid_t pid) {
  char path[32];
  snprintf(path, sizeof path, "%d/ns/pid", (int)pid);
  box_namespace = openat(own_proc, path, O_RDONLY | O_CLOEXEC);
}

/* Started ahead, and not used yet: 0 for none. */
static struct { pid_t pid; int socket; } ahead;

_Noreturn static void wait_for_command(int socket) {
  setsid();
  serve_mount_proc();
  if (dup2(socket, 0) < 0) _exit(EXIT_OURS);
  execve(GUEST_PROGRAM, (char *[]){GUEST_PROGRAM, "held", NULL}, (char *[]){NULL});
  die("Cannot start the guest program: %s.", strerror(errno));
}

void serve_launch_ahead(void) {
  int ends[2];
  if (ahead.pid > 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return;
  if (enter_namespace(true)) {
    ahead.pid = fork();
    if (ahead.pid == 0) wait_for_command(ends[1]);
    setns(own_namespace, CLONE_NEWPID);
    if (ahead.pid > 0) remember_namespace(ahead.pid);
  }
  close(ends[1]);
  ahead.socket = ends[0];
}

/* Its process, or -1. */
static pid_t hand_over(const unsigned char *payload, size_t length, const int stdio[3]) {
  pid_t pid = ahead.pid;
  int document = memfd_create("command", MFD_CLOEXEC);
  bool handed = document >= 0 && write_all(document, payload, length) >= 0 &&
                handover_send(ahead.socket, (uint32_t)length, (const int[]){stdio[0], stdio[1], stdio[2], document});
  if (document >= 0) close(document);
  close(ahead.socket);
  ahead.pid = 0;
  return handed ? pid : -1;
}

bool serve_launch(const unsigned char *payload, size_t length, struct launched *ret) {
  static struct command command;
  int stdio[3];
  if (!command_parse(payload, length, &command)) return false;
  const struct wire_command *c = command.fixed;
  *ret = (struct launched){-1, -1, -1, -1};
  if (c->terminal) {
    stdio[0] = stdio[1] = stdio[2] = open_terminal(c, &ret->in);
    if (stdio[0] < 0) return true;
    ret->out = fcntl(ret->in, F_DUPFD_CLOEXEC, 3);
  } else if (!make_pipe(&ret->in, &stdio[0], true) || !make_pipe(&ret->out, &stdio[1], false) ||
             !make_pipe(&ret->err, &stdio[2], false)) {
    return true;
  }
  if (c->read != WIRE_READ_NOTHING) {
    ret->pid = fork(); /* its memory is its own, as it goes on in this program */
    if (ret->pid == 0) read_files(c->read, stdio);
  } else if (c->first && ahead.pid > 0) {
    ret->pid = hand_over(payload, length, stdio);
  } else if (enter_namespace(c->first)) {
    /* Not fork(2): a copy of our memory, and a fault for each page that is then written, are 10 ms with User-Mode Linux.
     * The child never returns from here, and changes nothing of ours before it executes. */
    ret->pid = vfork();
    if (ret->pid == 0) become(&command, stdio);
    setns(own_namespace, CLONE_NEWPID);
    if (c->first && ret->pid > 0) remember_namespace(ret->pid);
  }
  for (int i = 0; i < (c->terminal ? 1 : 3); i++) close(stdio[i]);
  return true;
}

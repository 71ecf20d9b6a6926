/* Starts one command in the guest, as an OCI runtime does in a container: its own session, standard streams, ids and
 * limits, no capability and none to be gained. The first one is process 1 of a new pid namespace, later ones join. */
#include "guest.h"
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PROGRAM "/run/glovebox/guest"
/* linux/capability.h, which a static musl build does not see. */
struct capability_header { uint32_t version; int pid; };
struct capability_data { uint32_t effective, permitted, inheritable; };
enum { CAPABILITY_VERSION_3 = 0x20080522 };
enum { WORDS_MAX = 4096, FIXED_WORDS = 4 };

struct command {
  const struct wire_command *fixed;
  const char *folder;
  char *arguments[WORDS_MAX + FIXED_WORDS + 1]; /* the guest program's own words come first */
  char *variables[WORDS_MAX + 1];
};

/* The next string of the payload, or NULL behind its end. */
static char *next_string(const unsigned char **at, const unsigned char *end) {
  const unsigned char *zero = memchr(*at, 0, (size_t)(end - *at));
  if (!zero) return NULL;
  char *text = (char *)(uintptr_t)*at;
  *at = zero + 1;
  return text;
}

static bool parse(const unsigned char *payload, size_t length, struct command *ret) {
  const struct wire_command *fixed = (const void *)payload;
  if (length < sizeof *fixed || fixed->group_count > 32 || fixed->argument_count == 0 ||
      fixed->argument_count > WORDS_MAX || fixed->variable_count > WORDS_MAX || fixed->read > WIRE_READ_LAST)
    return false;
  const unsigned char *at = payload + sizeof *fixed, *end = payload + length;
  ret->fixed = fixed;
  if (!(ret->folder = next_string(&at, end))) return false;
  static char program[] = PROGRAM, init[] = "init", exec[] = "exec", off[] = "--landlock=off", dashes[] = "--";
  char *own[FIXED_WORDS] = {program, fixed->first ? init : exec, off, dashes};
  memcpy(ret->arguments, own, sizeof own);
  for (uint32_t i = 0; i < fixed->argument_count; i++)
    if (!(ret->arguments[FIXED_WORDS + i] = next_string(&at, end))) return false;
  ret->arguments[FIXED_WORDS + fixed->argument_count] = NULL;
  for (uint32_t i = 0; i < fixed->variable_count; i++)
    if (!(ret->variables[i] = next_string(&at, end))) return false;
  ret->variables[fixed->variable_count] = NULL;
  return at == end;
}

static void limit(int which, uint32_t most) {
  struct rlimit value = {most, most};
  if (most > 0 && setrlimit(which, &value) < 0) die("Cannot set a limit of the command: %s.", strerror(errno));
}

static void drop_privileges(const struct wire_command *c) {
  gid_t groups[32];
  for (uint32_t i = 0; i < c->group_count; i++) groups[i] = c->groups[i];
  for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) continue;
  if (setgroups(c->group_count, groups) < 0 || setresgid(c->gid, c->gid, c->gid) < 0 || setresuid(c->uid, c->uid, c->uid) < 0)
    die("Cannot become the box's user: %s.", strerror(errno));
  struct capability_header header = {CAPABILITY_VERSION_3, 0};
  struct capability_data none[2] = {{0, 0, 0}, {0, 0, 0}};
  if (syscall(SYS_capset, &header, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    die("Cannot drop the capabilities of the command: %s.", strerror(errno));
}

_Noreturn static void become(const struct command *command, const int stdio[3]) {
  const struct wire_command *c = command->fixed;
  setsid();
  for (int i = 0; i < 3; i++)
    if (dup2(stdio[i], i) < 0) _exit(EXIT_OURS);
  if (c->terminal) ioctl(0, TIOCSCTTY, 0);
  if (c->first) serve_mount_proc();
  struct rlimit core = {0, 0};
  setrlimit(RLIMIT_CORE, &core);
  limit(RLIMIT_NOFILE, c->open_files);
  limit(RLIMIT_NPROC, c->processes);
  /* With all rights still, as crun and runc do: a folder of another user is entered, and cannot be read. */
  if (chdir(command->folder) < 0) {
    say("Cannot enter the working folder %s: %s.", command->folder, strerror(errno));
    _exit(EXIT_NOT_FOUND);
  }
  drop_privileges(c);
  umask(022);
  default_signals();
  execve(PROGRAM, command->arguments, command->variables);
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

bool serve_launch(const unsigned char *payload, size_t length, struct launched *ret) {
  static struct command command;
  int stdio[3];
  if (!parse(payload, length, &command)) return false;
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

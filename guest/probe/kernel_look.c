/* The outer half's eyes, run on the host: what processes with a given name hold.
 *
 *   kernel-look MARK [TABLE]
 *   > all                          this looks from the first pid namespace, and /proc hides nobody: no process is missing
 *   > process PID REAL EFFECTIVE   one with this name, and its user ids as the host counts them
 *   > space NAME LINK              a namespace of it
 *   > fd N LINK PROTOCOL DEVICE    a descriptor; protocol of a socket, c or b and MAJOR:MINOR of a device, else -
 *   > table                        its network namespace has this table of nftables
 *   > unseen-table                 its network namespace may not be entered
 *   > unseen                       its descriptors may not be read
 *
 * An ordinary user may not read descriptors of another user id, such as the subordinate ids of a rootless box. But who made the
 * user namespace has every right over it (user_namespaces(7)), and enters that of one of the marked processes to look. */
#include "kernel.h"
#include "probe.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>

enum { MOST_PROCESSES = 200000, MOST_MARKED = 64, MOST_DESCRIPTORS = 256, LOOKED = 0, UNSEEN = 1 };

static const char *const spaces[] = {"user", "net", "mnt", "pid", "time"};

static size_t read_start(const char *path, char *text, size_t most) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, most - 1);
  if (fd >= 0) close(fd);
  text[n < 0 ? 0 : n] = 0;
  return n < 0 ? 0 : (size_t)n;
}

/* The first pid namespace has a number of its own (PROC_PID_INIT_INO of include/linux/proc_ns.h); with hidepid, process 1 of
 * root is not to be read (proc(5)). */
static bool sees_all(void) {
  char link[64] = "", name[32];
  return readlink("/proc/self/ns/pid", link, sizeof link - 1) > 0 && !strcmp(link, "pid:[4026531836]") &&
         read_start("/proc/1/comm", name, sizeof name) > 0;
}

/* What has ended and waits for its parent holds nothing any more. */
static bool is_alive(const char *pid) {
  char path[300], status[512];
  snprintf(path, sizeof path, "/proc/%s/status", pid);
  return read_start(path, status, sizeof status) > 0 && !strstr(status, "\nState:\tZ") && !strstr(status, "\nState:\tX");
}

static int find_marked(const char *mark, pid_t ret_pids[MOST_MARKED]) {
  int count = 0;
  DIR *all = opendir("/proc");
  struct dirent *entry;
  for (int i = 0; all && i < MOST_PROCESSES && count < MOST_MARKED && (entry = readdir(all)); i++) {
    char path[300], name[32];
    if (entry->d_name[0] < '1' || entry->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "/proc/%s/comm", entry->d_name);
    read_start(path, name, sizeof name);
    name[strcspn(name, "\n")] = 0;
    if (!strcmp(name, mark) && is_alive(entry->d_name)) ret_pids[count++] = (pid_t)atoi(entry->d_name);
  }
  if (all) closedir(all);
  return count;
}

static void tell_process(pid_t pid) {
  char path[64], status[4096];
  unsigned real = 0, effective = 0;
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  read_start(path, status, sizeof status);
  const char *ids = strstr(status, "\nUid:");
  if (ids) sscanf(ids, "\nUid: %u %u", &real, &effective);
  tell("process %d %u %u", (int)pid, real, effective);
}

static void tell_descriptor(pid_t pid, const char *number) {
  char path[300], link[PATH_MAX], protocol[64] = "", device[32] = "-";
  struct stat about;
  snprintf(path, sizeof path, "/proc/%d/fd/%s", (int)pid, number);
  ssize_t n = readlink(path, link, sizeof link - 1);
  link[n < 0 ? 0 : n] = 0;
  for (char *c = link; *c; c++)
    if (*c <= ' ' || *c > '~') *c = '_';
  if (!strncmp(link, "socket:", 7) && getxattr(path, "system.sockprotoname", protocol, sizeof protocol - 1) < 0) protocol[0] = 0;
  if (link[0] == '/' && stat(path, &about) == 0 && (S_ISCHR(about.st_mode) || S_ISBLK(about.st_mode)))
    snprintf(device, sizeof device, "%c%u:%u", S_ISCHR(about.st_mode) ? 'c' : 'b', major(about.st_rdev), minor(about.st_rdev));
  tell("fd %s %s %s %s", number, link, protocol[0] ? protocol : "-", device);
}

/* false where descriptors may not be read */
static bool tell_held(pid_t pid) {
  char path[64], link[64];
  struct dirent *entry;
  snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
  DIR *held = opendir(path);
  if (!held) return false;
  for (int i = 0; i < MOST_DESCRIPTORS && (entry = readdir(held)); i++)
    if (entry->d_name[0] != '.') tell_descriptor(pid, entry->d_name);
  closedir(held);
  for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
    snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, spaces[i]);
    ssize_t n = readlink(path, link, sizeof link - 1);
    if (n > 0) tell("space %s %.*s", spaces[i], (int)n, link);
  }
  return true;
}

static bool enter(pid_t pid, const char *space, int kind) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, space);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  bool entered = fd >= 0 && setns(fd, kind) == 0;
  if (fd >= 0) close(fd);
  return entered;
}

static bool in_own_network(pid_t pid) {
  char path[64];
  struct stat own, other;
  snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
  return stat("/proc/self/ns/net", &own) == 0 && stat(path, &other) == 0 && own.st_ino == other.st_ino;
}

/* Rights over a network namespace come from the user namespace that owns it. Tables are made in new ones only (kernel_objects.c),
 * so that the host's own need not be looked through. */
static void tell_table(pid_t pid, const char *table) {
  if (in_own_network(pid)) return;
  if (!enter(pid, "net", CLONE_NEWNET) && !(enter(pid, "user", CLONE_NEWUSER) && enter(pid, "net", CLONE_NEWNET)))
    tell("unseen-table");
  else if (has_table(table)) tell("table");
}

/* In a process of its own, as there is no way back out of a namespace. `by`: whose user namespace is entered, 0 for none. */
static int look(pid_t pid, pid_t by, const char *table) {
  pid_t child = fork();
  if (child < 0) return UNSEEN;
  if (child == 0) {
    if ((by && !enter(by, "user", CLONE_NEWUSER)) || !tell_held(pid)) _exit(UNSEEN);
    if (table) tell_table(pid, table);
    _exit(LOOKED);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : UNSEEN;
}

int run_look(int argc, char **argv) {
  pid_t pids[MOST_MARKED];
  if (argc < 1) return 2;
  const char *table = argc > 1 ? argv[1] : NULL;
  if (sees_all()) tell("all");
  int count = find_marked(argv[0], pids);
  for (int i = 0; i < count; i++) {
    tell_process(pids[i]);
    int seen = look(pids[i], 0, table);
    for (int by = 0; by < count && seen != LOOKED; by++) seen = look(pids[i], pids[by], table);
    if (seen != LOOKED) tell("unseen");
  }
  return 0;
}

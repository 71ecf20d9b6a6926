/* Namespaces: making the holder's, writing its id maps, and joining those of a running box.
 *
 * The maps are written by newuidmap(1) and newgidmap(1), the distribution's own helpers, which check
 * /etc/subuid and /etc/subgid; root needs no helper. The user's own ids are never in a map. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* clone(2) without a new stack is fork(2) into new namespaces; libc has no wrapper for that form. Returns the
 * child's pid in the caller, 0 in the child; each gets its end of the control socket. */
static pid_t clone_with_control(unsigned long namespaces, int *ret_control) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) die("Cannot make a control socket: %s.", strerror(errno));
  pid_t pid = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, 0, 0, 0, 0);
  if (pid < 0)
    die("Cannot make the namespaces of a box: %s. Ask glovebox doctor which setting of this host forbids them.", strerror(errno));
  /* The supervisor learns who of the holder's processes speaks (unix(7)). */
  if (pid > 0 && setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &(int){1}, sizeof(int)) < 0) die("Cannot make a control socket: %s.", strerror(errno));
  *ret_control = pid == 0 ? pair[1] : pair[0];
  close(pid == 0 ? pair[0] : pair[1]);
  return pid;
}

pid_t namespace_clone(const struct options *o, int *ret_control) {
  unsigned long namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
  return clone_with_control(o->host_network ? namespaces : namespaces | CLONE_NEWNET, ret_control);
}

/* After namespace_join: a child is born into the pid namespace that its parent has joined. */
pid_t namespace_fork(int *ret_control) { return clone_with_control(0, ret_control); }

static pid_t start_mapper(const char *program, pid_t holder, const struct id_map *maps, size_t count) {
  char numbers[MAX_ID_MAPS * 3 + 1][16];
  char *argv[MAX_ID_MAPS * 3 + 3];
  size_t n = 0;
  snprintf(numbers[0], sizeof numbers[0], "%d", (int)holder);
  argv[n++] = (char *)(uintptr_t)program;
  argv[n++] = numbers[0];
  for (size_t i = 0; i < count; i++) {
    const uint32_t parts[3] = {maps[i].inside, maps[i].outside, maps[i].length};
    for (int part = 0; part < 3; part++) {
      snprintf(numbers[n - 1], sizeof numbers[0], "%u", parts[part]);
      argv[n] = numbers[n - 1];
      n++;
    }
  }
  argv[n] = NULL;
  pid_t child = vfork();
  if (child == 0) {
    execvp(program, argv);
    _exit(127);
  }
  return child;
}

static int end_mapper(pid_t child) {
  int status;
  if (child < 0) return -1;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int write_map(const char *file, pid_t holder, const struct id_map *maps, size_t count) {
  char path[64], text[MAX_ID_MAPS * 36];
  size_t length = 0;
  for (size_t i = 0; i < count; i++)
    length += (size_t)snprintf(text + length, sizeof text - length, "%u %u %u\n", maps[i].inside, maps[i].outside, maps[i].length);
  snprintf(path, sizeof path, "/proc/%d/%s", (int)holder, file);
  return write_file(path, text);
}

int namespace_map(const struct options *o, pid_t holder) {
  if (geteuid() == 0) {
    if (write_map("uid_map", holder, o->uid_maps, o->uid_map_count) < 0) return -1;
    return write_map("gid_map", holder, o->gid_maps, o->gid_map_count);
  }
  /* Side by side: neither map needs the other. */
  pid_t uids = start_mapper("newuidmap", holder, o->uid_maps, o->uid_map_count);
  pid_t gids = start_mapper("newgidmap", holder, o->gid_maps, o->gid_map_count);
  int mapped = end_mapper(uids);
  return end_mapper(gids) < 0 ? -1 : mapped;
}

static bool write_identity(pid_t target, const struct options *o) {
  struct id_map uids[MAX_ID_MAPS], gids[MAX_ID_MAPS];
  memcpy(uids, o->uid_maps, sizeof uids);
  memcpy(gids, o->gid_maps, sizeof gids);
  for (size_t i = 0; i < MAX_ID_MAPS; i++) {
    uids[i].outside = uids[i].inside;
    gids[i].outside = gids[i].inside;
  }
  return write_map("uid_map", target, uids, o->uid_map_count) == 0 && write_map("gid_map", target, gids, o->gid_map_count) == 0;
}

/* Locks the mounts made so far, by a user namespace of the same ids below the one that made them: nobody in it, whatever
 * its capabilities, can make a read-only mount writable, take one away or look below it (mount_namespaces(7)). So the
 * layers, which all boxes of an image share, stay as they are even if the runtime is broken into, and when the programs
 * of a hostile image or package run as root to build another. */
void namespace_lock(const struct options *o) {
  int go[2], status;
  char byte = 0;
  if (pipe2(go, O_CLOEXEC) < 0) die("Cannot lock the holder's mounts: %s.", strerror(errno));
  pid_t self = getpid(), helper = fork();
  if (helper < 0) die("Cannot lock the holder's mounts: %s.", strerror(errno));
  if (helper == 0) {
    /* Only who stays above may map more than one id (user_namespaces(7)). */
    close(go[1]);
    _exit(read(go[0], &byte, 1) == 1 && write_identity(self, o) ? 0 : 1);
  }
  close(go[0]);
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 || write(go[1], &byte, 1) != 1) die("Cannot lock the holder's mounts: %s.", strerror(errno));
  close(go[1]);
  while (waitpid(helper, &status, 0) < 0)
    if (errno != EINTR) die("Cannot lock the holder's mounts: %s.", strerror(errno));
  if (status != 0) die("Cannot lock the holder's mounts: the ids of the inner user namespace could not be mapped.");
}

/* Enters the namespaces of a running box's holder. The pid and its start time were read from the box's state:
 * the pidfd is opened first and the start time checked after, so that a reused pid is never joined. */
void namespace_join(const struct options *o) {
  int pidfd = (int)syscall(SYS_pidfd_open, o->join_pid, 0);
  if (pidfd < 0) die("Cannot enter the box: its holder, process %d, is gone.", (int)o->join_pid);
  if (process_start_time(o->join_pid) != o->join_start) die("Cannot enter the box: process %d is not its holder any more.", (int)o->join_pid);
  /* setns(2) takes a pidfd and several kinds at once since Linux 5.8. */
  int kinds = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET;
  if (setns(pidfd, kinds) < 0) die("Cannot enter the namespaces of the box: %s.", strerror(errno));
  close(pidfd);
}

/* The box's own, where the one it was born in is its gate. */
void namespace_new_network(void) {
  if (unshare(CLONE_NEWNET) < 0) die("Cannot make the box's network namespace: %s.", strerror(errno));
}

/* A new network namespace has its loopback down (network_namespaces(7)); programs count on 127.0.0.1. */
void namespace_loopback_up(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0) die("Cannot bring up the box's loopback: %s.", strerror(errno));
  close(fd);
}

/* A box's place in a network of boxes (docs/decisions/023-named-networks.md): its number there, its socket and its names.
 *
 * The network is a folder of the user's. Its list has a slot for each number; whoever holds the lock on a slot's first byte has the
 * number, and its names count while the second one is locked as well. The locks belong to descriptors (fcntl(2), F_OFD_SETLK) that the
 * supervisor keeps, out of reach of all that runs for the box: the kernel frees a number when its box is gone, however that ended, and
 * what is left of it is overwritten by the next. The folder itself is locked, shared (flock(2)); who gets it alone may delete it.
 *
 * All of it is made with the user's rights, while the inner half has them still, and in the gate's namespace, which bounds the socket's
 * queue. The programs of the gate get descriptors, and can make nothing in the folder. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* native/resolver/members.c reads it. */
enum { MEMBERS = 254, SLOT = 256, CLAIM_BYTE = 0, LIVE_BYTE = 1, TRIES = 16 };
#define LIST "members"

/* Whoever deleted the folder in between had it alone: then it is made anew. */
static int open_folder(const char *path) {
  for (int i = 0; i < TRIES; i++) {
    struct stat own, there;
    if (mkdir(path, 0711) < 0 && errno != EEXIST) break;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) continue;
    if (fd < 0 || flock(fd, LOCK_SH) < 0 || fstat(fd, &own) < 0) break;
    if (lstat(path, &there) == 0 && there.st_ino == own.st_ino && there.st_dev == own.st_dev) {
      /* The members' programs go through it to each other's sockets; the folder above keeps everybody else away. */
      if (own.st_uid != geteuid() || fchmod(fd, 0711) < 0) break;
      return fd;
    }
    close(fd);
  }
  die("Cannot open the network's folder %s: %s.", path, strerror(errno));
}

static bool lock_byte(int list, unsigned number, int byte) {
  struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)number * SLOT + byte, .l_len = 1};
  return fcntl(list, F_OFD_SETLK, &lock) == 0;
}

static void unlock_byte(int list, unsigned number, int byte) {
  struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = (off_t)number * SLOT + byte, .l_len = 1};
  fcntl(list, F_OFD_SETLK, &lock);
}

/* From a place that nobody can foretell: who has just left is not taken for who comes next. */
static unsigned claim_number(int list) {
  unsigned start = 0;
  if (getrandom(&start, sizeof start, 0) != sizeof start) die("Cannot choose a number: %s.", strerror(errno));
  for (unsigned i = 0; i < MEMBERS; i++) {
    unsigned number = 1 + (start % MEMBERS + i) % MEMBERS;
    if (lock_byte(list, number, CLAIM_BYTE)) return number;
    if (errno != EAGAIN && errno != EACCES) die("Cannot lock the list of the network's members: %s.", strerror(errno));
  }
  die("Cannot join the network: it is full, with %d boxes. End one of them, or choose another name with --join.", MEMBERS);
}

static void write_names(int list, unsigned number, const char *names) {
  char slot[SLOT] = {0};
  if (strlen(names) >= SLOT) die("Cannot join the network: the box's names are too long.");
  memcpy(slot, names, strlen(names));
  if (pwrite(list, slot, SLOT, (off_t)number * SLOT) != SLOT) die("Cannot write the list of the network's members: %s.", strerror(errno));
}

/* Its name is the number and nothing else, as a socket's name is what it was bound by: so from within the folder. */
static int open_socket(int folder, unsigned number) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  int length = snprintf(name.sun_path, sizeof name.sun_path, "%u", number), here = open(".", O_PATH | O_CLOEXEC);
  /* As the kernel has it, where it does not let this be set: fewer packets wait then. */
  write_file("/proc/sys/net/unix/max_dgram_qlen", "128");
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  unlinkat(folder, name.sun_path, 0);
  if (fd < 0 || fchdir(folder) < 0 || bind(fd, (struct sockaddr *)&name, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)length + 1)) < 0 ||
      fchmodat(folder, name.sun_path, 0666, 0) < 0)
    die("Cannot make the box's socket in the network's folder: %s.", strerror(errno));
  if (fchdir(here) < 0 && chdir("/") < 0) die("Cannot leave the network's folder: %s.", strerror(errno));
  close(here);
  return fd;
}

/* The place was kept by an open /dev/null, so that all programs' files are known from the start (options.c). */
void join_fill(int fd, int place) {
  if (fd < 0 || dup3(fd, place, O_CLOEXEC) < 0) die("Cannot open what joins the box to its network: %s.", strerror(errno));
  close(fd);
}

/* Returns the box's number in its network, 0 where it joins none. */
unsigned join_open(const struct options *o, int control) {
  if (!o->join_folder) return 0;
  int folder = open_folder(o->join_folder), list = openat(folder, LIST, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (list < 0) die("Cannot open the list of the network's members: %s.", strerror(errno));
  unsigned number = claim_number(list);
  write_names(list, number, o->join_names);
  if (!lock_byte(list, number, LIVE_BYTE)) die("Cannot lock the list of the network's members: %s.", strerror(errno));
  join_fill(open_socket(folder, number), o->join_files[JOIN_SOCKET]);
  join_fill(openat(folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC), o->join_files[JOIN_FOLDER]);
  join_fill(openat(folder, LIST, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), o->join_files[JOIN_LIST]);
  if (message_send(control, MSG_JOINED, (int)number, NULL, 0, (int[]){folder, list}, 2) < 0) die("Cannot tell of the box's place in its network.");
  close(folder);
  close(list);
  return number;
}

/* ip(8)'s lines, with the number for each "@", and in hexadecimal digits for each "#". */
void join_links(const struct options *o, unsigned number, char *ret, size_t size) {
  size_t used = 0;
  for (const char *at = o->join_links; *at; at++) {
    int n = snprintf(ret + used, size - used, *at == '@' ? "%u" : *at == '#' ? "%x" : "%c", *at == '@' || *at == '#' ? number : (unsigned)*at);
    if (n < 0 || (size_t)n >= size - used) die("Cannot set up the network's interface: there is too much to say.");
    used += (size_t)n;
  }
}

/* What nobody has any more goes, and the folder with the last of them. */
void join_tidy(const char *path) {
  int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return;
  if (flock(folder, LOCK_EX | LOCK_NB) == 0) {
    remove_tree(AT_FDCWD, path);
    close(folder);
    return;
  }
  int list = openat(folder, LIST, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  for (unsigned number = 1; list >= 0 && number <= MEMBERS; number++) {
    char name[8];
    if (!lock_byte(list, number, CLAIM_BYTE)) continue;
    snprintf(name, sizeof name, "%u", number);
    unlinkat(folder, name, 0);
    unlock_byte(list, number, CLAIM_BYTE);
  }
  if (list >= 0) close(list);
  close(folder);
}

/* In the supervisor: once, before anything of the box runs. Whoever breaks the runtime may say it again. */
void join_hold(int *joined, const struct message *m) {
  bool first = joined[0] < 0 && m->fd_count == 2;
  for (int i = 0; i < m->fd_count; i++)
    if (first) joined[i] = m->fds[i];
    else close(m->fds[i]);
}

void join_leave(const struct options *o, const int *joined) {
  for (int i = 0; i < 2; i++)
    if (joined[i] >= 0) close(joined[i]);
  if (o->join_folder) join_tidy(o->join_folder);
}

/* The holder's own root: a tmpfs that holds the host's programs read-only, what the caller names, and nothing else.
 *
 * What it takes from the host it takes with the user's own file rights (the process still has the user's ids,
 * unmapped, beside the capabilities of its new user namespace), so a folder below a private home can be bound. Then
 * it becomes the first subordinate id, the user's rights are gone for good, and the new root is put together: no
 * other id could make a folder in it, as the user's own has no place in this user namespace (EOVERFLOW). */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OLD_ROOT "/old"

#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
/* linux/mount.h, which a static musl build does not see. */
struct mount_attributes { uint64_t set, clear, propagation, user_ns; };
enum {
  ATTRIBUTE_RDONLY = 0x1,
  ATTRIBUTE_NOSUID = 0x2,
  ATTRIBUTE_NODEV = 0x4,
  AT_RECURSIVE_FLAG = 0x8000,
  AT_EMPTY_PATH_FLAG = 0x1000,
  OPEN_TREE_CLONE_FLAG = 1,
  MOVE_MOUNT_F_EMPTY_PATH_FLAG = 4,
};

static void make_dirs(const char *path, bool last_is_dir) {
  char copy[PATH_MAX];
  if ((size_t)snprintf(copy, sizeof copy, "%s", path) >= sizeof copy) die("Cannot build the holder's root: a path is too long.");
  for (char *at = copy + 1; (at = strchr(at, '/')); at++) {
    *at = 0;
    if (mkdir(copy, 0755) < 0 && errno != EEXIST) die("Cannot make the folder %s in the holder's root: %s.", copy, strerror(errno));
    *at = '/';
  }
  if (last_is_dir) {
    if (mkdir(copy, 0755) < 0 && errno != EEXIST) die("Cannot make the folder %s in the holder's root: %s.", copy, strerror(errno));
  } else {
    int fd = open(copy, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) die("Cannot make the file %s in the holder's root: %s.", copy, strerror(errno));
    close(fd);
  }
}

/* A mount taken from the host with the user's rights, not attached anywhere yet (open_tree(2), Linux 5.2). */
struct graft {
  int tree;
  const char *source, *target;
  char own_target[24]; /* where `target` is not somebody else's string */
  bool is_dir;
};
static struct graft grafts[MAX_MOUNTS + MAX_LOWERS + 32];
static size_t graft_count;

/* Recursive, as the kernel insists where a mount has locked children. */
static struct graft *take(const char *source, const char *target, bool writable, bool devices) {
  struct graft *g = &grafts[graft_count++];
  g->source = source;
  g->target = target;
  struct stat st;
  g->tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE_FLAG | O_CLOEXEC | AT_RECURSIVE_FLAG);
  if (g->tree < 0 || fstat(g->tree, &st) < 0) die("Cannot bind %s into the holder's root: %s.", source, strerror(errno));
  g->is_dir = S_ISDIR(st.st_mode);
  struct mount_attributes attributes = {.set = ATTRIBUTE_NOSUID};
  if (!devices) attributes.set |= ATTRIBUTE_NODEV;
  if (!writable) attributes.set |= ATTRIBUTE_RDONLY;
  if (syscall(SYS_mount_setattr, g->tree, "", AT_EMPTY_PATH_FLAG | AT_RECURSIVE_FLAG, &attributes, sizeof attributes) < 0)
    die("Cannot make %s %s in the holder's root: %s.", source, writable ? "safe" : "read-only", strerror(errno));
  return g;
}

static void attach_all(void) {
  for (size_t i = 0; i < graft_count; i++) {
    make_dirs(grafts[i].target, grafts[i].is_dir);
    if (syscall(SYS_move_mount, grafts[i].tree, "", AT_FDCWD, grafts[i].target, MOVE_MOUNT_F_EMPTY_PATH_FLAG) < 0)
      die("Cannot attach %s in the holder's root: %s.", grafts[i].source, strerror(errno));
    close(grafts[i].tree);
  }
}

static void mount_new(const char *type, const char *target, unsigned long flags, const char *data) {
  make_dirs(target, true);
  if (mount(type, target, type, flags | MS_NOSUID, data) < 0) die("Cannot mount %s on %s in the holder's root: %s.", type, target, strerror(errno));
}

static void mount_tmpfs(const char *target, uint64_t bytes, const char *mode) {
  char data[96];
  snprintf(data, sizeof data, "mode=%s,size=%llu,nr_inodes=%llu", mode, (unsigned long long)bytes,
           (unsigned long long)(bytes / 2048 + 1024));
  mount_new("tmpfs", target, MS_NODEV, data);
}

/* The host's programs: /usr, and the top-level links that point into it, or folders where /usr is not merged. */
static const char *const program_links[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
enum { PROGRAM_LINKS = sizeof program_links / sizeof *program_links };
static char link_targets[PROGRAM_LINKS][PATH_MAX];

static void take_programs(void) {
  take("/usr", "/usr", false, false);
  for (size_t i = 0; i < PROGRAM_LINKS; i++) {
    ssize_t n = readlink(program_links[i], link_targets[i], PATH_MAX - 1);
    if (n > 0) link_targets[i][n] = 0;
    else if (access(program_links[i], F_OK) == 0) take(program_links[i], program_links[i], false, false);
  }
  if (access("/etc/ld.so.cache", F_OK) == 0) take("/etc/ld.so.cache", "/etc/ld.so.cache", false, false);
  /* Debian's indirection for awk, editor and the like. */
  if (access("/etc/alternatives", F_OK) == 0) take("/etc/alternatives", "/etc/alternatives", false, false);
}

static void take_devices(void) {
  static const char *const nodes[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) take(nodes[i], nodes[i], true, true);
}

static void take_requested(const struct options *o) {
  for (size_t i = 0; i < o->mount_count; i++) {
    const struct mount_request *m = &o->mounts[i];
    if (m->kind == MOUNT_TMPFS) continue;
    struct graft *g = take(m->source, m->target, m->kind != MOUNT_RO, false);
    if (m->kind == MOUNT_VEILED) {
      snprintf(g->own_target, sizeof g->own_target, "/box/veiled/%zu", i);
      g->target = g->own_target;
    }
  }
  for (size_t i = 0; i < o->lower_count; i++) {
    struct graft *g = take(o->lowers[i], NULL, false, false);
    snprintf(g->own_target, sizeof g->own_target, "/box/l/%zu", i);
    g->target = g->own_target;
  }
  if (o->upper_dir) take(o->upper_dir, "/box/write", true, false);
}

static void make_links(void) {
  static const char *const links[][2] = {
    {"/proc/self/fd", "/dev/fd"}, {"fd/0", "/dev/stdin"}, {"fd/1", "/dev/stdout"}, {"fd/2", "/dev/stderr"},
    {"pts/ptmx", "/dev/ptmx"}};
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    if (symlink(links[i][0], links[i][1]) < 0) die("Cannot link %s: %s.", links[i][1], strerror(errno));
  for (size_t i = 0; i < PROGRAM_LINKS; i++)
    if (link_targets[i][0] && symlink(link_targets[i], program_links[i]) < 0)
      die("Cannot link %s in the holder's root: %s.", program_links[i], strerror(errno));
}

static void mount_tmpfses(const struct options *o) {
  for (size_t i = 0; i < o->mount_count; i++)
    if (o->mounts[i].kind == MOUNT_TMPFS) mount_tmpfs(o->mounts[i].target, o->mounts[i].bytes, "0755");
}

void root_take(const struct options *o) {
  if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) die("Cannot make the mounts private: %s.", strerror(errno));
  take_programs();
  take_devices();
  take_requested(o);
}

void root_build(const struct options *o) {
  /* As bubblewrap does: any folder serves as the place of the new root. */
  if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m,nr_inodes=4096") < 0)
    die("Cannot mount a tmpfs for the holder's root: %s.", strerror(errno));
  if (chdir("/tmp") < 0 || mkdir("old", 0700) < 0 || syscall(SYS_pivot_root, ".", "old") < 0 || chdir("/") < 0)
    die("Cannot enter the holder's root: %s.", strerror(errno));
  attach_all();
  make_links();
  /* A fresh proc and sysfs: a container runtime may mount its own only where a whole one is visible already. */
  mount_new("proc", "/proc", MS_NODEV | MS_NOEXEC, NULL);
  if (!o->host_network) {
    mount_new("sysfs", "/sys", MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
    /* crun and runc will not start where they find no cgroup file system. The limits are set on the holder from
     * outside, so this one is read-only, of a cgroup namespace of its own, and shows nothing but the box. */
    if (unshare(CLONE_NEWCGROUP) < 0) die("Cannot make a cgroup namespace: %s.", strerror(errno));
    mount_new("cgroup2", "/sys/fs/cgroup", MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
  }
  /* runsc makes the box's terminal out here, in the holder's own instance, never the host's. */
  mount_new("devpts", "/dev/pts", MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
  mount_tmpfs("/tmp", 64u << 20, "1777");
  make_dirs("/box", true);
  mount_tmpfs(RUN_DIR, 16u << 20, "0777");
  mount_tmpfses(o);
  if (umount2(OLD_ROOT, MNT_DETACH) < 0 || rmdir(OLD_ROOT) < 0) die("Cannot leave the host's root behind: %s.", strerror(errno));
}

/* The thread's ids become the first subordinate ones, and the user's supplementary groups go. */
void root_become_owner(void) {
  if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
    die("Cannot become root of the box's user namespace: %s.", strerror(errno));
  /* Changing ids cleared both: prctl(2), PR_SET_PDEATHSIG and PR_SET_DUMPABLE. Without the second the user could
   * not reach the namespaces under /proc/PID/ns. A box cannot trace the holder: it has no capability of it. */
  if (prctl(PR_SET_PDEATHSIG, 9) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    die("Cannot set the holder's process attributes: %s.", strerror(errno));
}

/* The folder's own content is the upper layer over an empty one. */
static void mount_veiled(const struct options *o) {
  for (size_t i = 0; i < o->mount_count; i++) {
    const struct mount_request *m = &o->mounts[i];
    if (m->kind != MOUNT_VEILED) continue;
    char upper[48], work[48], data[256];
    snprintf(upper, sizeof upper, "/box/veiled/%zu/data", i);
    snprintf(work, sizeof work, "/box/veiled/%zu/work", i);
    bool fresh = mkdir(upper, 0755) == 0;
    if ((!fresh && errno != EEXIST) || (mkdir(work, 0755) < 0 && errno != EEXIST) || (fresh && chown(upper, m->uid, m->gid) < 0))
      die("Cannot make the folders of %s: %s.", m->target, strerror(errno));
    make_dirs("/box/empty", true);
    make_dirs(m->target, true);
    snprintf(data, sizeof data, "userxattr,lowerdir=/box/empty,upperdir=%s,workdir=%s", upper, work);
    if (mount("overlay", m->target, "overlay", MS_NOSUID | MS_NODEV, data) < 0)
      die("Cannot mount the kept folder on %s: %s.", m->target, strerror(errno));
  }
}

static void copy_file(const struct copy_request *c, int to) {
  struct stat st;
  char buffer[65536];
  ssize_t n;
  if (fstat(c->fd, &st) < 0) die("Cannot read what becomes %s: %s.", c->target, strerror(errno));
  while ((n = read(c->fd, buffer, sizeof buffer)) > 0)
    if (write_all(to, buffer, (size_t)n) < 0) die("Cannot write %s in the holder's root: %s.", c->target, strerror(errno));
  if (n < 0 || fchmod(to, st.st_mode & 0111 ? 0755 : 0644) < 0) die("Cannot copy to %s: %s.", c->target, strerror(errno));
  close(c->fd);
}

/* In the box's network namespace: what /proc/sys/net holds is another folder in each (network_namespaces(7)). */
void root_cover(const struct options *o) {
  if (o->covered && mount("tmpfs", o->covered, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "mode=0555,size=4096,nr_inodes=2") < 0)
    die("Cannot cover %s: %s.", o->covered, strerror(errno));
}

void root_copy_files(const struct options *o) {
  for (size_t i = 0; i < o->copy_count; i++) {
    const struct copy_request *c = &o->copies[i];
    make_dirs(c->target, false);
    int to = open(c->target, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
    if (to < 0) die("Cannot write %s in the holder's root: %s.", c->target, strerror(errno));
    if (!c->text) copy_file(c, to);
    else if (write_all(to, c->text, strlen(c->text)) < 0) die("Cannot write %s in the holder's root: %s.", c->target, strerror(errno));
    close(to);
  }
}

/* Where the runtime mounts, a symbolic link would lead it elsewhere (CVE-2025-31133, CVE-2021-30465). The store refuses
 * such images (src/image/tar-path.ts); what a kept box has made of them is seen here only. */
static void refuse_links(const struct options *o) {
  static const char *const folders[] = {ROOTFS "/dev", ROOTFS "/proc", ROOTFS "/sys", ROOTFS "/run", ROOTFS "/etc", ROOTFS "/tmp"};
  size_t count = sizeof folders / sizeof *folders - (o->started_file ? 0 : 1); /* only gVisor's boxes have a /tmp mounted */
  struct stat st;
  for (size_t i = 0; i < count; i++)
    if (lstat(folders[i], &st) == 0 && !S_ISDIR(st.st_mode))
      die("Cannot start the box: its %s is no folder, and the box's own is to be mounted there.", folders[i] + strlen(ROOTFS));
}

void root_mount_overlay(const struct options *o) {
  mount_veiled(o);
  if (o->lower_count == 0) return;
  if (!o->upper_dir) mount_tmpfs("/box/write", o->upper_tmpfs_bytes, "0755");
  if ((mkdir("/box/write/upper", 0755) < 0 && errno != EEXIST) || (mkdir("/box/write/work", 0755) < 0 && errno != EEXIST))
    die("Cannot make the folders for the box's writes: %s.", strerror(errno));
  /* gVisor would give a box an unbounded /tmp of its own memory: this one is within the bound of all writes. */
  if ((mkdir("/box/write/tmp", 0) < 0 && errno != EEXIST) || chmod("/box/write/tmp", 01777) < 0)
    die("Cannot make the folder for temporary files: %s.", strerror(errno));
  char data[4096];
  size_t length = (size_t)snprintf(data, sizeof data, "userxattr,upperdir=/box/write/upper,workdir=/box/write/work,lowerdir=");
  for (size_t i = 0; i < o->lower_count; i++)
    length += (size_t)snprintf(data + length, sizeof data - length, "%s/box/l/%zu", i ? ":" : "", i);
  make_dirs(ROOTFS, true);
  /* Documentation/filesystems/overlayfs.rst: userxattr is what an unprivileged mount needs (Linux 5.11). */
  if (mount("overlay", ROOTFS, "overlay", MS_NOSUID | MS_NODEV, data) < 0)
    die("Cannot join the image's layers with overlayfs: %s.", strerror(errno));
  refuse_links(o);
}

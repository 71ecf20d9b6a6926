/* The holder's own root: a tmpfs that holds the host's programs read-only, what the caller names, and nothing else.
 *
 * It is built with the user's own file rights (the thread still has the user's ids, unmapped, beside the
 * capabilities of its new user namespace), so a folder below a private home can be bound. After that the holder
 * becomes the first subordinate id, and the user's rights are gone for good. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OLD_ROOT "/old"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
/* linux/mount.h, which a static musl build does not see. */
struct mount_attributes { uint64_t set, clear, propagation, user_ns; };
enum { ATTRIBUTE_RDONLY = 0x1, ATTRIBUTE_NOSUID = 0x2, ATTRIBUTE_NODEV = 0x4, AT_RECURSIVE_FLAG = 0x8000 };

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

/* `source` is a path of the old root. Recursive where the kernel insists (a mount with locked children). */
static void bind(const char *source, const char *target, bool writable, bool devices) {
  char old[PATH_MAX + 8];
  snprintf(old, sizeof old, OLD_ROOT "%s", source);
  struct stat st;
  if (stat(old, &st) < 0) die("Cannot bind %s into the holder's root: %s.", source, strerror(errno));
  make_dirs(target, S_ISDIR(st.st_mode));
  if (mount(old, target, NULL, MS_BIND | MS_REC, NULL) < 0) die("Cannot bind %s into the holder's root: %s.", source, strerror(errno));
  struct mount_attributes attributes = {.set = ATTRIBUTE_NOSUID};
  if (!devices) attributes.set |= ATTRIBUTE_NODEV;
  if (!writable) attributes.set |= ATTRIBUTE_RDONLY;
  if (syscall(SYS_mount_setattr, AT_FDCWD, target, AT_RECURSIVE_FLAG, &attributes, sizeof attributes) < 0)
    die("Cannot make %s %s in the holder's root: %s.", source, writable ? "safe" : "read-only", strerror(errno));
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
static void bind_programs(void) {
  static const char *const links[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
  bind("/usr", "/usr", false, false);
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    char old[64], target[PATH_MAX];
    snprintf(old, sizeof old, OLD_ROOT "%s", links[i]);
    ssize_t n = readlink(old, target, sizeof target - 1);
    if (n > 0) {
      target[n] = 0;
      if (symlink(target, links[i]) < 0) die("Cannot link %s in the holder's root: %s.", links[i], strerror(errno));
    } else if (access(old, F_OK) == 0) {
      bind(links[i], links[i], false, false);
    }
  }
  if (access(OLD_ROOT "/etc/ld.so.cache", F_OK) == 0) bind("/etc/ld.so.cache", "/etc/ld.so.cache", false, false);
}

static void bind_devices(void) {
  static const char *const nodes[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty"};
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) bind(nodes[i], nodes[i], true, true);
  static const char *const links[][2] = {
    {"/proc/self/fd", "/dev/fd"}, {"fd/0", "/dev/stdin"}, {"fd/1", "/dev/stdout"}, {"fd/2", "/dev/stderr"}};
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    if (symlink(links[i][0], links[i][1]) < 0) die("Cannot link %s: %s.", links[i][1], strerror(errno));
}

static void mount_requested(const struct options *o) {
  for (size_t i = 0; i < o->mount_count; i++) {
    const struct mount_request *m = &o->mounts[i];
    if (m->kind == MOUNT_TMPFS) mount_tmpfs(m->target, m->bytes, "0755");
    else bind(m->source, m->target, m->kind == MOUNT_RW, false);
  }
  for (size_t i = 0; i < o->lower_count; i++) {
    char target[32];
    snprintf(target, sizeof target, "/box/l/%zu", i);
    bind(o->lowers[i], target, false, false);
  }
  if (o->upper_dir) bind(o->upper_dir, "/box/write", true, false);
}

void root_build(const struct options *o) {
  if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) die("Cannot make the mounts private: %s.", strerror(errno));
  /* As bubblewrap does: any folder serves as the place of the new root, as the old one stays reachable below it
   * while it is being built, its own /tmp included. */
  if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m,nr_inodes=4096") < 0)
    die("Cannot mount a tmpfs for the holder's root: %s.", strerror(errno));
  if (mkdir("/tmp" OLD_ROOT, 0755) < 0 || chdir("/tmp") < 0 || syscall(SYS_pivot_root, ".", "./old") < 0 || chdir("/") < 0)
    die("Cannot enter the holder's root: %s.", strerror(errno));
  bind_programs();
  bind_devices();
  /* A fresh proc and sysfs: a container runtime may mount its own only where a whole one is visible already. */
  mount_new("proc", "/proc", MS_NODEV | MS_NOEXEC, NULL);
  if (!o->host_network) mount_new("sysfs", "/sys", MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
  mount_tmpfs("/tmp", 64u << 20, "1777");
  make_dirs("/box", true);
  mount_tmpfs(RUN_DIR, 16u << 20, "0777");
  mount_requested(o);
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

void root_mount_overlay(const struct options *o) {
  if (o->lower_count == 0) return;
  if (!o->upper_dir) mount_tmpfs("/box/write", o->upper_tmpfs_bytes, "0755");
  if ((mkdir("/box/write/upper", 0755) < 0 && errno != EEXIST) || (mkdir("/box/write/work", 0755) < 0 && errno != EEXIST))
    die("Cannot make the folders for the box's writes: %s.", strerror(errno));
  char data[4096];
  size_t length = (size_t)snprintf(data, sizeof data, "userxattr,upperdir=/box/write/upper,workdir=/box/write/work,lowerdir=");
  for (size_t i = 0; i < o->lower_count; i++)
    length += (size_t)snprintf(data + length, sizeof data - length, "%s/box/l/%zu", i ? ":" : "", i);
  make_dirs(ROOTFS, true);
  /* Documentation/filesystems/overlayfs.rst: userxattr is what an unprivileged mount needs (Linux 5.11). */
  if (mount("overlay", ROOTFS, "overlay", MS_NOSUID | MS_NODEV, data) < 0)
    die("Cannot join the image's layers with overlayfs: %s.", strerror(errno));
}

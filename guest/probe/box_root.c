/* The mounts of the reference box. */
#include "box.h"
#include "probe.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};

static int make_file(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  return fd < 0 ? -1 : close(fd);
}

static int bind(const char *from, const char *to) { return mount(from, to, NULL, MS_BIND | MS_REC, NULL); }

static int own_devices(const char *root) {
  char path[PATH_MAX], from[64];
  snprintf(path, sizeof path, "%s/dev", root);
  /* The nodes are bound, as a user namespace makes none (mknod(2)). */
  if (mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NOEXEC, "size=1m,mode=755") < 0) return -1;
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
    snprintf(path, sizeof path, "%s/dev/%s", root, nodes[i]);
    snprintf(from, sizeof from, "/dev/%s", nodes[i]);
    if (make_file(path) < 0 || bind(from, path) < 0) return -1;
  }
  snprintf(path, sizeof path, "%s/dev/shm", root);
  if (mkdir(path, 01777) < 0) return -1;
  snprintf(path, sizeof path, "%s/dev/mqueue", root);
  return mkdir(path, 0755);
}

/* The folders above a file, and the file. */
static int make_way(const char *root, const char *path) {
  char way[PATH_MAX];
  size_t length = (size_t)snprintf(way, sizeof way, "%s%s", root, path);
  if (length >= sizeof way) return -1;
  for (char *slash = way + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
    *slash = 0;
    if (mkdir(way, 0755) < 0 && errno != EEXIST) return -1;
    *slash = '/';
  }
  return make_file(way);
}

static int own_tree(const bool open[HOLES], const char *root, const char *program) {
  static const char *const folders[] = {"proc", "dev", "tmp", "var", "var/tmp", "run", "home"};
  char path[PATH_MAX];
  if (mount("tmpfs", root, "tmpfs", MS_NOSUID, "size=256m,mode=755") < 0) return -1;
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    snprintf(path, sizeof path, "%s/%s", root, folders[i]);
    if (mkdir(path, 01777) < 0 || chmod(path, 01777) < 0) return -1;
  }
  if (make_way(root, program) < 0) return -1;
  snprintf(path, sizeof path, "%s%s", root, program);
  if (bind(program, path) < 0) return -1;
  snprintf(path, sizeof path, "%s/dev", root);
  if (open[HOLE_DEVICES] ? bind("/dev", path) < 0 : own_devices(root) < 0) return -1;
  snprintf(path, sizeof path, "%s/proc", root);
  if (open[HOLE_PID]) return bind("/proc", path);
  return mount("proc", path, "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL);
}

static int folder_here(void) { return open(".", O_PATH | O_DIRECTORY | O_CLOEXEC); }

/* Around the host's own root: only what other walls ask for. */
static int host_tree(const bool open[HOLES]) {
  if (!open[HOLE_PID] && mount("proc", "/proc", "proc", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) < 0) return -1;
  return 0; /* with `files` open the host's /dev is among them */
}

int box_root(const bool open[HOLES], const char *program) {
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return -1;
  if (open[HOLE_FILES]) return host_tree(open);
  /* The program may lie below /tmp, so the new root covers a folder where it does not: any will do, in this namespace alone. */
  const char *root = "/mnt";
  int folder = open[HOLE_FOLDER] ? folder_here() : -1;
  if (own_tree(open, root, program) < 0) return -1;
  if (chdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0) return -1;
  /* A descriptor of the caller's folder leads back out of the root, as long as that is there: this is the hole (CVE-2024-21626). */
  if (folder >= 0) return fchdir(folder);
  return umount2(".", MNT_DETACH) < 0 || chdir("/") < 0 ? -1 : 0;
}

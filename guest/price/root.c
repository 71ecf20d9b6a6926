/* price-root FOLDER TREE… : the probe program over the files of an image, with no wall around it.
 *
 * A command of the user's is measured on the bare host by the same program, libraries and data as in a box. So this makes a mount
 * namespace whose root is the image (an overlay of its trees, the topmost first, whose writes are in memory), with the host's own /dev and
 * /proc, and is then the very process that the outer half asks: the host's kernel, processes, network, and no filter of system calls. An
 * ordinary user has it in a user namespace, without which nobody mounts (mount_namespaces(7)). FOLDER is an empty one to mount on. */
#include "price.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

static bool write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool whole = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  return close(fd) == 0 && whole;
}

/* A namespace in which this process may mount. */
static bool own_mounts(void) {
  char map[64];
  uid_t uid = geteuid();
  gid_t gid = getegid();
  if (uid == 0 && unshare(CLONE_NEWNS) == 0) return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) return false;
  /* user_namespaces(7): a group map of one's own goes without setgroups(2). */
  if (!write_file("/proc/self/setgroups", "deny")) return false;
  snprintf(map, sizeof map, "0 %u 1", uid);
  if (!write_file("/proc/self/uid_map", map)) return false;
  snprintf(map, sizeof map, "0 %u 1", gid);
  if (!write_file("/proc/self/gid_map", map)) return false;
  return mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

/* Documentation/filesystems/overlayfs.rst: `:` parts the trees, the topmost first; userxattr is what a user namespace may. */
static bool mount_image(const char *folder, char **trees, char ret_root[PATH_MAX]) {
  static char options[32 * 1024];
  char upper[PATH_MAX], work[PATH_MAX];
  if (mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0) return false;
  if (snprintf(upper, sizeof upper, "%s/upper", folder) >= (int)sizeof upper ||
      snprintf(work, sizeof work, "%s/work", folder) >= (int)sizeof work ||
      snprintf(ret_root, PATH_MAX, "%s/root", folder) >= PATH_MAX)
    return errno = ENAMETOOLONG, false;
  if (mkdir(upper, 0755) < 0 || mkdir(work, 0755) < 0 || mkdir(ret_root, 0755) < 0) return false;
  size_t at = (size_t)snprintf(options, sizeof options, "userxattr,upperdir=%s,workdir=%s,lowerdir=", upper, work);
  for (char **tree = trees; *tree; tree++) {
    if (strpbrk(*tree, ":,\\")) return errno = EINVAL, false;
    int size = snprintf(options + at, sizeof options - at, "%s%s", tree == trees ? "" : ":", *tree);
    if (size < 0 || at + (size_t)size >= sizeof options) return errno = E2BIG, false;
    at += (size_t)size;
  }
  return mount("overlay", ret_root, "overlay", MS_NOSUID | MS_NODEV, options) == 0;
}

static bool bind_into(const char *root, const char *path) {
  char to[PATH_MAX];
  if (snprintf(to, sizeof to, "%s%s", root, path) >= (int)sizeof to) return errno = ENAMETOOLONG, false;
  if (mkdir(to, 0755) < 0 && errno != EEXIST) return false;
  return mount(path, to, NULL, MS_BIND | MS_REC, NULL) == 0;
}

/* A folder that everybody writes in, on the bare host as in the box. Where the image's files are of subordinate ids, which this user
 * namespace has not, the overlay copies none of their folders up (EOVERFLOW): such a one is then an empty one in memory. */
static bool open_folder(const char *folder, const char *root, const char *path, const char *name) {
  char own[PATH_MAX], to[PATH_MAX];
  if (snprintf(to, sizeof to, "%s%s", root, path) >= (int)sizeof to ||
      snprintf(own, sizeof own, "%s/%s", folder, name) >= (int)sizeof own)
    return errno = ENAMETOOLONG, false;
  if (utimensat(AT_FDCWD, to, NULL, 0) == 0 || errno != EOVERFLOW) return true;
  return mkdir(own, 0755) == 0 && chmod(own, 01777) == 0 && mount(own, to, NULL, MS_BIND, NULL) == 0;
}

/* Standard output is nobody's before the outer half is greeted; what is written here it tells as the reason. */
static int no_root(void) {
  fprintf(stderr, "%s\n", strerror(errno));
  return 1;
}

static int run_root(int argc, char **argv) {
  char root[PATH_MAX];
  char *words[] = {"glovebox-guest", "probe", NULL};
  extern char **environ;
  if (argc < 2) return 2;
  int program = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (program < 0 || !own_mounts() || !mount_image(argv[0], argv + 1, root)) return no_root();
  if (!open_folder(argv[0], root, "/tmp", "tmp") || !open_folder(argv[0], root, "/var/tmp", "var-tmp")) return no_root();
  if (!bind_into(root, "/dev") || !bind_into(root, "/proc") || chdir(root) < 0 || chroot(".") < 0) return no_root();
  fexecve(program, words, environ);
  return no_root();
}

const struct verb price_root_verbs[] = {{"price-root", run_root}, {NULL, NULL}};

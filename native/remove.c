/* Deleting a tree that a hostile program may have written: by descriptor, no symlink followed, no mount crossed. */
#include "holder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Deeper than any path the kernel lets a program name at once, yet a box can nest further by renaming; the
 * remover then works on what it can reach and is called again from the top by remove_tree. */
enum { MAX_DEPTH = 2048 };

static int remove_below(int dir_fd, dev_t device, int depth) {
  if (depth > MAX_DEPTH) { errno = ELOOP; close(dir_fd); return -1; }
  DIR *dir = fdopendir(dir_fd);
  if (!dir) { close(dir_fd); return -1; }
  int result = 0;
  for (struct dirent *entry; (entry = readdir(dir));) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    if (unlinkat(dirfd(dir), entry->d_name, 0) == 0) continue;
    if (errno != EISDIR && errno != EPERM) { result = -1; continue; }
    /* A folder without its owner's read right is still the owner's to delete. */
    int child = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (child < 0 && errno == EACCES && fchmodat(dirfd(dir), entry->d_name, 0700, 0) == 0)
      child = openat(dirfd(dir), entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    if (child < 0 || fstat(child, &st) < 0 || st.st_dev != device) {
      if (child >= 0) close(child);
      result = -1;
      continue;
    }
    if (remove_below(child, device, depth + 1) < 0 || unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR) < 0) result = -1;
  }
  closedir(dir);
  return result;
}

int remove_tree(int parent_fd, const char *name) {
  int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) return 0;
    return unlinkat(parent_fd, name, 0);
  }
  struct stat st;
  if (fstat(fd, &st) < 0) { close(fd); return -1; }
  int below = remove_below(fd, st.st_dev, 0);
  if (unlinkat(parent_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT) return -1;
  return below;
}

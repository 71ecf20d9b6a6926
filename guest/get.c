/* Writing files of the box as an archive on stdout, for `glovebox cp` and `glovebox diff`.
 *
 * Theory of operation
 *
 * Each path is walked depth first, folder by folder with openat(2) and O_NOFOLLOW, so that what moves underneath can
 * mislead a name but never the walk. A symlink is written as such; only a path given with a slash at its end is
 * followed, as ls(1) does. The archive's names begin with the last component of the path that was asked for ("root"
 * for "/"), so each path is one top entry. A file with several names is written several times.
 *
 * The size that the header promises is what follows, whatever happens to the file meanwhile: a file that shrinks is
 * filled up with zeros and one that grows is cut, both said on stderr. What cannot be read is left out, said, and
 * makes the exit code 1; sockets, fifos and devices are left out and said only.
 */
#include "guest.h"
#include "tar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct walk {
  char name[TAR_MAX_NAME]; /* of the current entry, in the archive */
  size_t length;
  int depth;
  bool failed;
  struct tar_out out;
};

static void left_out(struct walk *walk, const char *why) {
  say("%s: left out: %s", walk->name, why);
  walk->failed = true;
}

static void emit_header(struct walk *walk, const struct stat *file, enum tar_type type, const char *link) {
  static char headers[TAR_MAX_HEADERS];
  struct tar_entry entry = {.type = type, .name = walk->name, .link = link, .mode = file->st_mode & 01777,
                            .mtime = file->st_mtime};
  if (type == TAR_FILE) entry.size = (uint64_t)file->st_size;
  tar_out_bytes(&walk->out, headers, tar_headers(&entry, (struct tar_owner){file->st_uid, file->st_gid}, headers));
}

static void get_file(struct walk *walk, int folder, const char *name) {
  struct stat file;
  /* O_NONBLOCK: a fifo may have taken the file's place; it must not hold us. */
  int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 || fstat(fd, &file) < 0) left_out(walk, strerror(errno));
  else if (!S_ISREG(file.st_mode)) left_out(walk, "it was replaced while it was read");
  else {
    emit_header(walk, &file, TAR_FILE, NULL);
    if (!tar_out_data(&walk->out, fd, (uint64_t)file.st_size, walk->name)) walk->failed = true;
  }
  if (fd >= 0) close(fd);
}

static void get_symlink(struct walk *walk, int folder, const char *name, const struct stat *file) {
  char link[TAR_MAX_LINK];
  ssize_t length = readlinkat(folder, name, link, sizeof link);
  if (length < 0) return left_out(walk, strerror(errno));
  if ((size_t)length == sizeof link) return left_out(walk, "the symlink is too long");
  link[length] = 0;
  emit_header(walk, file, TAR_SYMLINK, link);
}

static void get_entry(struct walk *walk, int folder, const char *name);

/* The archive's name grows by the member's while it is written. */
static void get_member(struct walk *walk, int folder, const char *name) {
  size_t before = walk->length, length = strlen(name);
  if (before + 1 + length >= sizeof walk->name) return left_out(walk, "a name in it is too long");
  walk->name[before] = '/';
  memcpy(walk->name + before + 1, name, length + 1);
  walk->length = before + 1 + length;
  get_entry(walk, folder, name);
  walk->length = before;
  walk->name[before] = 0;
}

static void get_directory(struct walk *walk, int folder, const char *name) {
  struct stat file;
  if (walk->depth == TAR_MAX_DEPTH) return left_out(walk, "too many folders in each other");
  int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (walk->depth > 0 ? O_NOFOLLOW : 0));
  DIR *stream = fd < 0 ? NULL : fdopendir(fd);
  if (!stream || fstat(fd, &file) < 0) {
    left_out(walk, strerror(errno));
    if (fd >= 0) stream ? (void)closedir(stream) : (void)close(fd);
    return;
  }
  emit_header(walk, &file, TAR_DIRECTORY, NULL);
  walk->depth++;
  struct dirent *member;
  while (errno = 0, (member = readdir(stream)) != NULL)
    if (strcmp(member->d_name, ".") != 0 && strcmp(member->d_name, "..") != 0) get_member(walk, fd, member->d_name);
  if (errno != 0) left_out(walk, strerror(errno));
  walk->depth--;
  closedir(stream);
}

static void get_entry(struct walk *walk, int folder, const char *name) {
  struct stat file;
  if (fstatat(folder, name, &file, AT_SYMLINK_NOFOLLOW) < 0) return left_out(walk, strerror(errno));
  switch (file.st_mode & S_IFMT) {
    case S_IFREG: return get_file(walk, folder, name);
    case S_IFDIR: return get_directory(walk, folder, name);
    case S_IFLNK: return get_symlink(walk, folder, name, &file);
    case S_IFSOCK: return say("%s: left out: it is a socket", walk->name);
    case S_IFIFO: return say("%s: left out: it is a fifo", walk->name);
    default: return say("%s: left out: it is a device", walk->name);
  }
}

/* Writes the top entry's name, false where there is none. */
static bool top_name(const char *path, char *ret, size_t room) {
  char real[PATH_MAX];
  for (int attempt = 0; attempt < 2; attempt++) {
    size_t end = strlen(path);
    while (end > 0 && path[end - 1] == '/') end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/') start--;
    const char *last = path + start;
    size_t length = end - start;
    bool names_nothing = length == 0 || (length == 1 && last[0] == '.') || (length == 2 && !memcmp(last, "..", 2));
    if (!names_nothing && length < room) {
      memcpy(ret, last, length);
      ret[length] = 0;
      return true;
    }
    if (!names_nothing || !(path = realpath(path, real))) return false;
    if (strcmp(path, "/") == 0) path = "root";
  }
  return false;
}

int get_paths(char **paths) {
  static struct walk walk;
  for (; *paths; paths++) {
    if (!top_name(*paths, walk.name, sizeof walk.name)) {
      say("%s: left out: %s", *paths, **paths ? strerror(errno) : "an empty path");
      walk.failed = true;
      continue;
    }
    walk.length = strlen(walk.name);
    get_entry(&walk, AT_FDCWD, *paths);
  }
  tar_out_end(&walk.out);
  return walk.failed ? EXIT_OURS : 0;
}

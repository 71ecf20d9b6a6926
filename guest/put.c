/* Writing an archive from stdin below one folder of the box, for `glovebox cp`.
 *
 * Theory of operation
 *
 * The archive decides names, the folder is the border. tar_read.c gives relative names without "..", and here each
 * component is opened below the one before with O_NOFOLLOW|O_DIRECTORY: a symlink, be it from the archive or from
 * the box, is never walked through. So nothing is written outside of the folder, whatever else changes its names
 * meanwhile.
 *
 * The open folders form a stack, along the current entry's name: archives are written depth first, so most entries
 * share their folders with the one before. A folder that an entry made is 0700 while it is filled; its mode and time
 * are set when the stack leaves it. Set-id bits are dropped, the owner is whoever runs this.
 *
 * What stands in a file's or symlink's way is unlinked first, so no other name of the old file changes. Where it
 * cannot be unlinked (a mount point such as /etc/hosts, a folder that is not ours) a file is written in place.
 */
#include "put.h"

#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IMPLIED_MODE = 0755 }; /* of a folder that the archive names only as a part of longer names */

/* The first failure is the one that is told. */
static int fail(struct put *put, const char *what, const char *why) {
  if (*put->error) return -1;
  snprintf(put->error, sizeof put->error, "%.*s: %s", (int)sizeof put->error - 256, what, why);
  return -1;
}

static int fail_errno(struct put *put, const char *what) { return fail(put, what, strerror(errno)); }

static struct put_level *top(struct put *put) { return &put->levels[put->depth]; }

static int set_time(int folder, const char *name, int64_t seconds) {
  struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = (time_t)seconds}};
  return name ? utimensat(folder, name, times, AT_SYMLINK_NOFOLLOW) : futimens(folder, times);
}

/* Leaves the innermost folder: what its entry said of it becomes true now that it is filled. */
static int leave(struct put *put) {
  struct put_level *level = top(put);
  int result = 0;
  if (level->described && (fchmod(level->fd, level->mode) < 0 || set_time(level->fd, NULL, level->mtime) < 0))
    result = fail_errno(put, put->path);
  close(level->fd);
  put->path[level->parent_length] = 0;
  put->depth--;
  return result;
}

/* Opens, or makes, the folder `name` below the innermost one and makes it the innermost. */
static int enter(struct put *put, const char *name, size_t length, mode_t mode, bool *ret_made) {
  char component[256];
  size_t before = strlen(put->path);
  if (length >= sizeof component) return fail(put, name, "a name in it is too long");
  if (put->depth + 1 >= TAR_MAX_DEPTH) return fail(put, name, "too many folders in each other");
  memcpy(component, name, length);
  component[length] = 0;
  *ret_made = mkdirat(top(put)->fd, component, mode) == 0;
  if (!*ret_made && errno != EEXIST) return fail_errno(put, name);
  /* O_PATH asks for no right to read a folder that was there. */
  int access = *ret_made ? O_RDONLY : O_PATH;
  int fd = openat(top(put)->fd, component, access | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
    return fail(put, name, "a folder is needed where something else is (symlinks are not followed)");
  if (fd < 0) return fail_errno(put, name);
  put->levels[++put->depth] = (struct put_level){.fd = fd, .parent_length = before};
  int written = snprintf(put->path + before, sizeof put->path - before, "%s%s", before > 0 ? "/" : "", component);
  return written > 0 ? 0 : -1;
}

/* True where the innermost folder lies on the way to `name`, itself excluded. */
static bool is_on_way(const struct put *put, const char *name) {
  size_t length = strlen(put->path);
  return length == 0 || (strncmp(name, put->path, length) == 0 && name[length] == '/');
}

/* Makes the folder of `name` the innermost one; `ret_last` is the part of the name behind it. */
static int walk_to(struct put *put, const char *name, const char **ret_last) {
  while (put->depth > 0 && !is_on_way(put, name))
    if (leave(put) < 0) return -1;
  const char *rest = name + strlen(put->path);
  if (*rest == '/') rest++;
  for (const char *slash; (slash = strchr(rest, '/')) != NULL; rest = slash + 1) {
    bool made;
    if (enter(put, rest, (size_t)(slash - rest), IMPLIED_MODE, &made) < 0) return -1;
    if (made && fchmod(top(put)->fd, IMPLIED_MODE) < 0) return fail_errno(put, put->path); /* past the umask */
  }
  *ret_last = rest;
  return 0;
}

static int put_folder(struct put *put, const struct tar_entry *entry, const char *last) {
  bool made;
  if (enter(put, last, strlen(last), 0700, &made) < 0) return -1;
  struct put_level *level = top(put);
  level->described = made; /* a folder that was there keeps what it has */
  level->mode = entry->mode;
  level->mtime = entry->mtime;
  return 0;
}

/* Takes away a file or symlink that bears the name. 0 also where nothing does. */
static int clear_way(struct put *put, const char *last) {
  return unlinkat(top(put)->fd, last, 0) == 0 || errno == ENOENT ? 0 : -1;
}

static int put_symlink(struct put *put, const struct tar_entry *entry, const char *last) {
  if (clear_way(put, last) < 0 || symlinkat(entry->link, top(put)->fd, last) < 0) return fail_errno(put, entry->name);
  return set_time(top(put)->fd, last, entry->mtime) < 0 ? fail_errno(put, entry->name) : 0;
}

/* Opens the file to write: a new one, else the one in place where that cannot be unlinked. */
static int open_file(struct put *put, const char *last) {
  const int flags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  struct stat file;
  if (clear_way(put, last) == 0) return openat(top(put)->fd, last, flags | O_EXCL, 0600);
  int fd = openat(top(put)->fd, last, flags & ~O_CREAT);
  if (fd < 0 || (fstat(fd, &file) == 0 && S_ISREG(file.st_mode) && ftruncate(fd, 0) == 0)) return fd;
  close(fd);
  errno = EEXIST;
  return -1;
}

static int put_file(struct put *put, struct tar_reader *reader, const struct tar_entry *entry, const char *last) {
  int fd = open_file(put, last);
  if (fd < 0) return fail_errno(put, entry->name);
  const char *bytes;
  size_t length;
  int more;
  while ((more = tar_data(reader, &bytes, &length)) > 0)
    if (write_all(fd, bytes, length) < 0) {
      fail_errno(put, entry->name);
      close(fd);
      return -1;
    }
  /* The mode of a file that is not ours cannot be set; its content was, which is what was asked for. */
  int result = more < 0 ? fail(put, entry->name, reader->error) : 0;
  if (result == 0 && fchmod(fd, entry->mode & 0777) < 0 && errno != EPERM) result = fail_errno(put, entry->name);
  if (result == 0 && set_time(fd, NULL, entry->mtime) < 0 && errno != EPERM) result = fail_errno(put, entry->name);
  if (close(fd) < 0 && result == 0) result = fail_errno(put, entry->name);
  return result;
}

/* The entry's name with its top component replaced by `put->as`; all entries must share that component. An archive
 * of "." has no such component: there the new name comes in front. */
static int rename_top(struct put *put, struct tar_entry *entry) {
  size_t length = strcspn(entry->name, "/");
  if (!put->has_top) {
    if (length >= sizeof put->top) return fail(put, entry->name, "its name is too long");
    memcpy(put->top, entry->name, length);
    put->has_top = true;
  }
  const char *rest = entry->name + (*put->top ? length : 0);
  if (*put->top && (length != strlen(put->top) || memcmp(entry->name, put->top, length) != 0))
    return fail(put, entry->name, "the archive has more than one top entry, so it cannot be renamed");
  const char *slash = *rest && *rest != '/' ? "/" : "";
  int written = snprintf(put->renamed, sizeof put->renamed, "%s%s%s", put->as, slash, rest);
  if (written < 0 || (size_t)written >= sizeof put->renamed) return fail(put, entry->name, "its name is too long");
  entry->name = put->renamed;
  return 0;
}

static int put_entry(struct put *put, struct tar_reader *reader, struct tar_entry *entry) {
  const char *last;
  if (put->as && rename_top(put, entry) < 0) return -1;
  if (*entry->name == 0) return 0; /* the folder itself, which is there */
  if (walk_to(put, entry->name, &last) < 0) return -1;
  switch (entry->type) {
    case TAR_DIRECTORY: return put_folder(put, entry, last);
    case TAR_SYMLINK: return put_symlink(put, entry, last);
    case TAR_FILE: case TAR_HARDLINK: case TAR_WHITEOUT: break; /* the last two are never read */
  }
  return put_file(put, reader, entry, last);
}

int put_archive(struct put *put, int folder, struct tar_reader *reader) {
  struct tar_entry entry;
  int more;
  put->levels[0] = (struct put_level){.fd = folder};
  while ((more = tar_next(reader, &entry)) > 0)
    if (put_entry(put, reader, &entry) < 0) break;
  int result = more > 0 ? -1 : more;
  if (more < 0) fail(put, "Cannot unpack the archive", reader->error);
  while (put->depth > 0) /* also after an error, so that no folder stays 0700 */
    if (leave(put) < 0) result = -1;
  return result;
}

static bool is_one_component(const char *name) {
  return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static ssize_t read_stdin(void *context, void *buffer, size_t size) {
  (void)context;
  ssize_t n;
  do n = read(0, buffer, size);
  while (n < 0 && errno == EINTR);
  return n;
}

int put_directory(const char *directory, const char *as) {
  static struct tar_reader reader;
  static struct put put;
  if (as && (!is_one_component(as) || strlen(as) > 255)) die("Cannot unpack as \"%s\": it is not a file's name.", as);
  int folder = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) die("Cannot unpack into %s: %s.", directory, strerror(errno));
  reader.read = read_stdin;
  put.as = as;
  if (put_archive(&put, folder, &reader) == 0) return 0;
  say("%s.", put.error);
  return EXIT_OURS;
}

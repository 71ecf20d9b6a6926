/* What the host learns of a guest's files: the host parses no file system of a guest's making, so the server reads it.
 *
 * Theory of operation
 *
 * `list` names every file, for `glovebox diff`: rows of three strings, each ended by NUL: "whole" or "upper", the path,
 * and kind, mode and owners as find(1) has them (%y %m %U %G). `layer` is the box's upper folder as a tar archive with
 * overlayfs' own marks, for `glovebox commit`: as GNU tar makes it of a container's (src/image/commit.ts), sorted,
 * with hard links. `home` is the kept home folder, below the name "home". The host takes all of it for a hostile archive's, as the guest may be the box's own by now.
 *
 * Folders are walked by descriptors, never by following a link. What cannot be read or is too deep is said, and the
 * exit code tells that the answer is not whole.
 */
#include "guest.h"
#include "serve.h"
#include "tar.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { DEPTH_MAX = 1000, LINK_BUCKETS = 4096 };

struct link_name {
  struct link_name *next;
  ino_t inode;
  char name[];
};

struct reading {
  enum wire_read what;
  const char *root;
  char name[TAR_MAX_NAME];
  size_t length;
  int depth;
  bool failed;
  struct link_name *links[LINK_BUCKETS]; /* files with further names, by the one that came first */
  struct tar_out out;
};

static void missed(struct reading *r, const char *why) {
  say("%s: left out: %s", *r->name ? r->name : ".", why);
  r->failed = true;
}

static void put_row(struct reading *r, const struct stat *file) {
  static const struct { mode_t kind; char letter; } letters[] = {
    {S_IFREG, 'f'}, {S_IFDIR, 'd'}, {S_IFLNK, 'l'}, {S_IFCHR, 'c'}, {S_IFBLK, 'b'}, {S_IFIFO, 'p'}, {S_IFSOCK, 's'}};
  char what[64], letter = 'U';
  for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
    if ((file->st_mode & S_IFMT) == letters[i].kind) letter = letters[i].letter;
  int length = snprintf(what, sizeof what, "%c %o %u %u", letter, file->st_mode & 07777, file->st_uid, file->st_gid);
  tar_out_bytes(&r->out, r->root, strlen(r->root) + 1);
  tar_out_bytes(&r->out, r->name, r->length + 1);
  tar_out_bytes(&r->out, what, (size_t)length + 1);
}

static void put_header(struct reading *r, const struct stat *file, enum tar_type type, const char *link, bool opaque) {
  static char headers[TAR_MAX_HEADERS];
  struct tar_entry entry = {.type = type, .name = *r->name ? r->name : "./", .link = link, .opaque = opaque,
                            .mode = file->st_mode & 07777, .mtime = file->st_mtime};
  if (type == TAR_FILE) entry.size = (uint64_t)file->st_size;
  tar_out_bytes(&r->out, headers, tar_headers(&entry, (struct tar_owner){file->st_uid, file->st_gid}, headers));
}

/* The name under which this file came before; from now on this one, where it did not. */
static const char *earlier_name(struct reading *r, const struct stat *file) {
  struct link_name **bucket = &r->links[file->st_ino % LINK_BUCKETS];
  for (struct link_name *at = *bucket; at; at = at->next)
    if (at->inode == file->st_ino) return at->name;
  struct link_name *added = malloc(sizeof *added + r->length + 1);
  if (!added) die("Cannot allocate memory for a list of hard links.");
  added->next = *bucket;
  added->inode = file->st_ino;
  memcpy(added->name, r->name, r->length + 1);
  *bucket = added;
  return NULL;
}

static void put_file(struct reading *r, int folder, const char *name) {
  struct stat file;
  int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOATIME);
  const char *before = NULL;
  if (fd < 0 || fstat(fd, &file) < 0) missed(r, strerror(errno));
  else if (!S_ISREG(file.st_mode)) missed(r, "it was replaced while it was read");
  else if (file.st_nlink > 1 && (before = earlier_name(r, &file)) != NULL) put_header(r, &file, TAR_HARDLINK, before, false);
  else {
    put_header(r, &file, TAR_FILE, NULL, false);
    if (!tar_out_data(&r->out, fd, (uint64_t)file.st_size, r->name)) r->failed = true;
  }
  if (fd >= 0) close(fd);
}

static void put_symlink(struct reading *r, int folder, const char *name, const struct stat *file) {
  char link[TAR_MAX_LINK];
  ssize_t length = readlinkat(folder, name, link, sizeof link);
  if (length < 0) return missed(r, strerror(errno));
  if ((size_t)length == sizeof link) return missed(r, "the symlink is too long");
  link[length] = 0;
  put_header(r, file, TAR_SYMLINK, link, false);
}

static void read_folder(struct reading *r, int fd);

static void read_entry(struct reading *r, int folder, const char *name) {
  struct stat file;
  if (fstatat(folder, name, &file, AT_SYMLINK_NOFOLLOW) < 0) return missed(r, strerror(errno));
  if (r->what == WIRE_READ_LIST) put_row(r, &file);
  if (S_ISDIR(file.st_mode)) return read_folder(r, openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (r->what == WIRE_READ_LIST) return;
  /* Sockets, fifos and devices are none of an image's files (src/image/tar-entry.ts). */
  if (S_ISREG(file.st_mode)) put_file(r, folder, name);
  else if (S_ISLNK(file.st_mode)) put_symlink(r, folder, name, &file);
  else if (S_ISCHR(file.st_mode) && file.st_rdev == makedev(0, 0)) put_header(r, &file, TAR_WHITEOUT, NULL, false);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* All names in a folder, sorted; errno is 0 where there are no more. */
static char **names_of(DIR *stream, size_t *ret_count) {
  char **names = NULL;
  size_t count = 0, room = 0;
  struct dirent *member;
  while (errno = 0, (member = readdir(stream)) != NULL) {
    if (strcmp(member->d_name, ".") == 0 || strcmp(member->d_name, "..") == 0) continue;
    if (count == room) names = realloc(names, (room = room ? 2 * room : 64) * sizeof *names);
    if (!names || !(names[count++] = strdup(member->d_name))) die("Cannot allocate memory for the names in a folder.");
  }
  int error = errno;
  if (count > 0) qsort(names, count, sizeof *names, by_name);
  errno = error;
  *ret_count = count;
  return names;
}

static void read_member(struct reading *r, int folder, const char *name) {
  size_t before = r->length, length = strlen(name), slash = before > 0;
  if (before + slash + length >= sizeof r->name) return missed(r, "a name in it is too long");
  if (slash) r->name[before] = '/';
  memcpy(r->name + before + slash, name, length + 1);
  r->length = before + slash + length;
  read_entry(r, folder, name);
  r->length = before;
  r->name[before] = 0;
}

/* `fd` is closed. */
static void read_folder(struct reading *r, int fd) {
  char mark[2];
  struct stat file;
  DIR *stream = fd < 0 ? NULL : fdopendir(fd);
  if (!stream || fstat(fd, &file) < 0 || r->depth == DEPTH_MAX) {
    missed(r, r->depth == DEPTH_MAX ? "too many folders in each other" : strerror(errno));
    if (stream) closedir(stream);
    else if (fd >= 0) close(fd);
    return;
  }
  bool opaque = fgetxattr(fd, "trusted.overlay.opaque", mark, sizeof mark) == 1 && *mark == 'y';
  if (r->what != WIRE_READ_LIST) put_header(r, &file, TAR_DIRECTORY, NULL, opaque);
  size_t count;
  char **names = names_of(stream, &count);
  if (errno != 0) missed(r, strerror(errno));
  r->depth++;
  for (size_t i = 0; i < count; i++) {
    read_member(r, fd, names[i]);
    free(names[i]);
  }
  r->depth--;
  free(names);
  closedir(stream);
}

int serve_read(enum wire_read what) {
  static struct reading r;
  const struct rlimit files = {DEPTH_MAX + 64, DEPTH_MAX + 64};
  setrlimit(RLIMIT_NOFILE, &files);
  r.what = what;
  if (what == WIRE_READ_LIST) {
    r.root = "whole";
    read_folder(&r, openat(serve_whole, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    r.root = "upper";
  }
  if (what == WIRE_READ_HOME) {
    strcpy(r.name, "home");
    r.length = strlen(r.name);
  }
  read_folder(&r, openat(what == WIRE_READ_HOME ? serve_home : serve_upper, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (what != WIRE_READ_LIST) tar_out_end(&r.out);
  else tar_out_flush(&r.out);
  return r.failed ? EXIT_OURS : 0;
}

/* Files in a folder that is named by whoever asks: price-VERB MILLISECONDS FOLDER.
 *
 * Each has one file of its own, under a name that nobody was there to guess, made before the clock runs and removed behind it. What is
 * measured is what programs have of a file system: its cache is not gone around, but by fsync(2). */
#include "price.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

enum { BLOCK = 4096, CHUNK = 128 << 10, LARGE = 8 << 20, WIDE = 16 << 20 };
enum { CREATIONS = 50, STATS = 500, READS = 100, SYNCS = 20, ACCESSES = 200, READS_TO_A_WRITE = 3 };

struct place {
  int folder, file;
  char name[64];
};

/* What files hold, over and over: a file's bytes at `offset` are those at `offset % CHUNK` here. */
static unsigned char content[CHUNK], taken[CHUNK];

static bool put(int file, off_t offset, size_t length) {
  for (size_t done = 0, from = (size_t)offset % CHUNK; done < length;) {
    ssize_t n = pwrite(file, content + from + done, length - done, offset + (off_t)done);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = ENOSPC;
    if (n <= 0) return false;
    done += (size_t)n;
  }
  return true;
}

static bool take(int file, off_t offset, size_t length, uint64_t *sum) {
  for (size_t done = 0; done < length;) {
    ssize_t n = pread(file, taken + done, length - done, offset + (off_t)done);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = EIO;
    if (n <= 0) return false;
    done += (size_t)n;
  }
  *sum += price_sum(taken, length);
  return true;
}

static int open_new(const struct place *place) {
  return openat(place->folder, place->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static bool make_file(struct place *place, size_t length) {
  if ((place->file = open_new(place)) < 0) return false;
  for (size_t at = 0, n; at < length; at += n) {
    n = length - at < CHUNK ? length - at : CHUNK;
    if (!put(place->file, (off_t)at, n)) return false;
  }
  return true;
}

static void leave(const struct place *place) {
  if (place->file >= 0) {
    close(place->file);
    unlinkat(place->folder, place->name, 0);
  }
  close(place->folder);
}

/* Words MILLISECONDS FOLDER; `length` of the file that is there before, < 0 for none. */
static int run_in(int argc, char **argv, long length, batch_function *batch) {
  if (argc != 2) return 2;
  struct place place = {.folder = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC), .file = -1};
  if (place.folder < 0) return refused();
  snprintf(place.name, sizeof place.name, "glovebox-price-%d-%llx", (int)getpid(), (unsigned long long)price_clock_ns());
  price_fill(content, sizeof content, 3);
  int code = length >= 0 && !make_file(&place, (size_t)length) ? refused() : price_run(argv[0], batch, &place);
  leave(&place);
  return code;
}

static int64_t create(void *own) {
  const struct place *place = own;
  for (int i = 0; i < CREATIONS; i++) {
    int file = open_new(place);
    if (file < 0) return -1;
    close(file);
    if (unlinkat(place->folder, place->name, 0) < 0) return -1;
  }
  return CREATIONS;
}

static int run_create(int argc, char **argv) { return run_in(argc, argv, -1, create); }

static int64_t stats(void *own) {
  const struct place *place = own;
  struct stat found;
  int64_t sum = 0;
  for (int i = 0; i < STATS; i++) {
    if (fstatat(place->folder, place->name, &found, AT_SYMLINK_NOFOLLOW) < 0) return -1;
    sum += found.st_size;
  }
  return sum;
}

static int run_stat(int argc, char **argv) { return run_in(argc, argv, BLOCK, stats); }

static int64_t reads(void *own) {
  const struct place *place = own;
  uint64_t sum = 0;
  for (int i = 0; i < READS; i++) {
    int file = openat(place->folder, place->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0) return -1;
    bool whole = price_read_whole(file, taken, BLOCK);
    close(file);
    if (!whole) return -1;
    sum += price_sum(taken, BLOCK);
  }
  return price_check(sum);
}

static int run_read(int argc, char **argv) { return run_in(argc, argv, BLOCK, reads); }

static int64_t syncs(void *own) {
  const struct place *place = own;
  for (int i = 0; i < SYNCS; i++)
    if (!put(place->file, 0, BLOCK) || fsync(place->file) < 0) return -1;
  return SYNCS * BLOCK;
}

static int run_fsync(int argc, char **argv) { return run_in(argc, argv, BLOCK, syncs); }

/* A write writes what is there already, so that every batch reads the same. */
static int64_t accesses(void *own) {
  const struct place *place = own;
  uint64_t state = 4, sum = 0;
  for (int i = 0; i < ACCESSES; i++) {
    off_t offset = (off_t)(price_random(&state) % (WIDE / BLOCK) * BLOCK);
    bool writes = i % (READS_TO_A_WRITE + 1) == READS_TO_A_WRITE;
    if (!(writes ? put(place->file, offset, BLOCK) : take(place->file, offset, BLOCK, &sum))) return -1;
  }
  return price_check(sum);
}

static int run_random(int argc, char **argv) { return run_in(argc, argv, WIDE, accesses); }

/* Empty first: what is written is new to the file system each time. */
static int64_t sequential(void *own) {
  const struct place *place = own;
  uint64_t sum = 0;
  if (ftruncate(place->file, 0) < 0) return -1;
  for (off_t at = 0; at < LARGE; at += CHUNK)
    if (!put(place->file, at, CHUNK)) return -1;
  for (off_t at = 0; at < LARGE; at += CHUNK)
    if (!take(place->file, at, CHUNK, &sum)) return -1;
  return price_check(sum);
}

static int run_sequential(int argc, char **argv) { return run_in(argc, argv, LARGE, sequential); }

/* price-where FOLDER: what file system that is, by its number in statfs(2). */
static int run_where(int argc, char **argv) {
  struct statfs found;
  if (argc != 1) return 2;
  if (statfs(argv[0], &found) < 0) return refused();
  tell("type %lx", (unsigned long)found.f_type & 0xffffffffu);
  return 0;
}

const struct verb price_files_verbs[] = {
    {"price-create", run_create}, {"price-stat", run_stat},     {"price-read", run_read},
    {"price-fsync", run_fsync},   {"price-random", run_random}, {"price-sequential", run_sequential},
    {"price-where", run_where},   {NULL, NULL}};

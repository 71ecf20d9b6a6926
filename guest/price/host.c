/* What the outer half needs of this program on the bare host, and a command of the user's on both sides. */
#include "price.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Files that are looked at, and bytes of one that are: an image has some ten thousand of them. */
enum { MOST_FILES = 400000, MOST_OPEN = 32 };

static struct {
  long files, bytes, kept;
} evicted;

/* Bytes of the file that are still in memory. For a file of another owner mincore(2) says yes to all. */
static long resident(int fd, off_t size) {
  long page = sysconf(_SC_PAGESIZE), kept = 0;
  size_t pages = ((size_t)size + (size_t)page - 1) / (size_t)page;
  void *map = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
  if (map == MAP_FAILED) return size;
  unsigned char *there = malloc(pages);
  if (!there || mincore(map, (size_t)size, there) < 0) {
    kept = size;
  } else {
    for (size_t i = 0; i < pages; i++) kept += there[i] & 1 ? page : 0;
  }
  free(there);
  munmap(map, (size_t)size);
  return kept < size ? kept : size;
}

static int evict(const char *path, const struct stat *status, int kind, struct FTW *at) {
  (void)at;
  if (kind != FTW_F || !S_ISREG(status->st_mode) || status->st_size == 0) return 0;
  if (evicted.files >= MOST_FILES) return 1;
  int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return 0;
  evicted.files++;
  evicted.bytes += status->st_size;
  fdatasync(fd); /* only what is clean can go */
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  evicted.kept += resident(fd, status->st_size);
  close(fd);
  return 0;
}

/* price-evict PATH…: puts files out of memory that nobody has mapped, those below a folder, too; no link is followed. */
static int run_evict(int argc, char **argv) {
  for (int i = 0; i < argc; i++)
    if (nftw(argv[i], evict, MOST_OPEN, FTW_PHYS) < 0 && errno != ENOENT && errno != EACCES) return refused();
  tell("files %ld bytes %ld kept %ld", evicted.files, evicted.bytes, evicted.kept);
  return 0;
}

/* Fowler-Noll-Vo, FNV-1a of 64 bits: tells whether two files are the same, where nobody wants to mislead. */
static uint64_t hash_file(int fd) {
  static unsigned char bytes[64 * 1024];
  uint64_t hash = UINT64_C(14695981039346656037);
  for (ssize_t n; (n = read(fd, bytes, sizeof bytes)) > 0;)
    for (ssize_t i = 0; i < n; i++) hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
  return hash;
}

/* price-which NAME: the file that execvp(3) would take, by its hash. */
static int run_which(int argc, char **argv) {
  if (argc != 1) return 2;
  const char *list = strchr(argv[0], '/') ? "" : getenv("PATH");
  for (const char *from = list ? list : "/usr/bin:/bin";;) {
    size_t length = strcspn(from, ":");
    char path[PATH_MAX];
    int size = length == 0 ? snprintf(path, sizeof path, "%s", argv[0])
                           : snprintf(path, sizeof path, "%.*s/%s", (int)length, from, argv[0]);
    struct stat status;
    if (size < (int)sizeof path && access(path, X_OK) == 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode)) {
      int fd = open(path, O_RDONLY | O_CLOEXEC);
      if (fd < 0) return refused();
      tell("hash %016llx", (unsigned long long)hash_file(fd));
      close(fd);
      return 0;
    }
    if (!from[length]) break;
    from += length + 1;
  }
  errno = ENOENT;
  return refused();
}

/* One run of the user's command, with nothing to read and nobody who listens; its exit code is what it did. */
static int64_t run_once(void *own) {
  char **argv = own;
  pid_t parent = getpid(), child = fork();
  if (child < 0) return -1;
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd < 3; fd++) dup2(null, fd);
    execvp(argv[0], argv);
    _exit(127);
  }
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* price-command MILLISECONDS COMMAND… */
static int run_command(int argc, char **argv) {
  return argc < 2 ? 2 : price_run(argv[0], run_once, argv + 1);
}

const struct verb price_host_verbs[] = {
    {"price-evict", run_evict}, {"price-which", run_which}, {"price-command", run_command}, {NULL, NULL}};

/* Links where the host expects folders: a persisted folder that became a link until the next start (CVE-2024-42472), and one that
 * changes between the host's look and its use (CVE-2021-30465). */
#include "files.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

enum { AT_EACH = 63 /* odd, so that it rests on either side */, EXCHANGE = 2 /* RENAME_EXCHANGE */ };
/* Some 60 % of the time, for whom it races against needs the processor, too. */
enum { REST_NS = 400 * 1000 };

/* TARGET PATH… */
int run_link(int argc, char **argv) {
  char path[PATH_MAX];
  int failed = 0;
  for (int i = 1; i < argc; i++)
    if (symlink(argv[0], path_here(argv[i], path)) < 0) failed = refused();
  return failed;
}

/* TARGET FOLDER… : each folder gives way to a link; one that cannot be renamed, as a mount point, stays. */
int run_swap(int argc, char **argv) {
  char path[PATH_MAX], old[PATH_MAX + 8];
  int failed = 0;
  for (int i = 1; i < argc; i++) {
    path_here(argv[i], path);
    snprintf(old, sizeof old, "%s.old", path);
    if (rename(path, old) < 0 && errno != ENOENT) failed = refused();
    else if (symlink(argv[0], path) < 0) failed = refused();
  }
  if (!failed) tell("swapped");
  return failed;
}

/* Some kernels know no exchange, as gVisor's: there the door is away for a moment. */
static int exchange(const char *door, const char *link, const char *away) {
  if (syscall(SYS_renameat2, AT_FDCWD, door, AT_FDCWD, link, EXCHANGE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return -1;
  return rename(door, away) < 0 || rename(link, door) < 0 || rename(away, link) < 0 ? -1 : 0;
}

/* TARGET FOLDER TEXT SECONDS : FOLDER/door is by turns a folder with a file `secret` and a link to TARGET, until let go;
 * FOLDER/still stays as it is. */
int run_flip(int argc, char **argv) {
  if (argc != 4) return 2;
  char folder[PATH_MAX], door[PATH_MAX + 16], link[PATH_MAX + 16], away[PATH_MAX + 16], file[PATH_MAX + 32];
  path_here(argv[1], folder);
  snprintf(door, sizeof door, "%s/door", folder);
  snprintf(link, sizeof link, "%s/link", folder);
  snprintf(away, sizeof away, "%s/away", folder);
  snprintf(file, sizeof file, "%s/secret", door);
  if (mkdir(folder, 0755) < 0 && errno != EEXIST) return refused();
  if (mkdir(door, 0777) < 0 && errno != EEXIST) return refused();
  if (symlink(argv[0], link) < 0 && errno != EEXIST) return refused();
  int fd = open(file, O_WRONLY | O_CREAT, 0644);
  if (fd >= 0) write_text(fd, argv[2]);
  snprintf(file, sizeof file, "%s/still", folder);
  fd = open(file, O_WRONLY | O_CREAT, 0644);
  if (fd >= 0) write_text(fd, argv[2]);
  tell("flipping");
  alarm((unsigned)atoi(argv[3]));
  while (!let_go()) {
    for (int i = 0; i < AT_EACH; i++)
      if (exchange(door, link, away) < 0) return refused();
    nanosleep(&(struct timespec){0, REST_NS}, NULL);
  }
  return 0;
}

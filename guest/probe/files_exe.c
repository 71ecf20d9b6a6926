/* The program that enters a sandbox is a file of the host, and /proc/PID/exe a way to it (CVE-2019-5736). A program that runs cannot
 * be opened for writing (ETXTBSY), so the attack keeps a descriptor and waits for its end. Here the file is opened for writing and
 * closed at once: not a byte is written, and the outer half compares which file it was. */
#include "files.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>

enum { MOST_KEPT = 64, PAUSE_MS = 2 };

struct kept {
  int fd;
  struct stat what;
  bool opened;
};

static struct kept kept[MOST_KEPT];
static int count;
static char **targets; /* DEVICE:INODE, closed by NULL */

static bool wanted(const struct stat *what) {
  for (char **word = targets; *word; word++) {
    char *rest;
    if (strtoull(*word, &rest, 10) == what->st_dev && *rest == ':' && strtoull(rest + 1, NULL, 10) == what->st_ino) return true;
  }
  return false;
}

static void keep(const char *path) {
  struct stat what;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return;
  bool known = fstat(fd, &what) < 0 || count == MOST_KEPT || !wanted(&what);
  for (int i = 0; i < count && !known; i++)
    known = kept[i].what.st_dev == what.st_dev && kept[i].what.st_ino == what.st_ino;
  if (known) close(fd);
  else kept[count++] = (struct kept){fd, what, false};
}

static void look_around(void) {
  char path[64];
  DIR *processes = opendir("/proc");
  if (!processes) return;
  for (struct dirent *entry; (entry = readdir(processes));) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "/proc/%.16s/exe", entry->d_name);
    keep(path);
  }
  closedir(processes);
}

static void try_each(void) {
  char path[64];
  for (int i = 0; i < count; i++) {
    if (kept[i].opened) continue;
    snprintf(path, sizeof path, "/proc/self/fd/%d", kept[i].fd);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) continue;
    kept[i].opened = true;
    close(fd);
    tell("opened %llu %llu", (unsigned long long)kept[i].what.st_dev, (unsigned long long)kept[i].what.st_ino);
  }
}

/* MILLISECONDS DEVICE:INODE… : until then, or until let go. Only these files are tried: while a file is open for writing nobody can
 * execute it, and others' programs are not to be disturbed. */
int run_watch_exe(int argc, char **argv) {
  if (argc < 1) return 2;
  targets = argv + 1;
  struct pollfd input = {0, POLLIN, 0};
  struct timespec now, end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += atoi(argv[0]) / 1000 + 1;
  tell("watching");
  do {
    look_around();
    try_each();
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (now.tv_sec < end.tv_sec && poll(&input, 1, PAUSE_MS) == 0);
  for (int i = 0; i < count; i++)
    if (!kept[i].opened)
      tell("seen %llu %llu", (unsigned long long)kept[i].what.st_dev, (unsigned long long)kept[i].what.st_ino);
  return 0;
}

/* Takes as much as it gets of one resource, up to a number, and says how much that was. */
#include "probe.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/xattr.h>
#include <sys/wait.h>

static long processes(long most) {
  long made = 0;
  for (; made < most; made++) {
    pid_t pid = fork();
    if (pid < 0) break;
    if (pid == 0) {
      pause();
      _exit(0);
    }
  }
  int error = errno;
  signal(SIGTERM, SIG_IGN);
  kill(0, SIGTERM);
  while (wait(NULL) > 0) continue;
  errno = error;
  return made;
}

static long files(long most) {
  long made = 0;
  while (made < most && open("/", O_RDONLY) >= 0) made++;
  return made;
}

/* MiB that were really written to. */
static long memory(long most) {
  long made = 0;
  for (; made < most; made++) {
    char *bytes = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED) break;
    memset(bytes, 1, 1 << 20);
  }
  return made;
}

static long watchers(long most) {
  long made = 0;
  while (made < most && inotify_init1(0) >= 0) made++;
  return made;
}

/* Signals that wait to be taken. */
static long signals(long most) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  long made = 0;
  while (made < most && sigqueue(getpid(), SIGRTMIN, (union sigval){0}) == 0) made++;
  return made;
}

/* Empty files in a folder. */
static long inodes(long most, const char *folder) {
  char path[256];
  long made = 0;
  for (; made < most; made++) {
    snprintf(path, sizeof path, "%s/probe-%ld", folder, made);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0) break;
    close(fd);
  }
  int error = errno;
  for (long i = 0; i < made; i++) {
    snprintf(path, sizeof path, "%s/probe-%ld", folder, i);
    unlink(path);
  }
  errno = error;
  return made;
}

/* MiB in a file. */
static long disk(long most, const char *path) {
  static char bytes[1 << 20];
  memset(bytes, 1, sizeof bytes);
  int fd = open(path, O_WRONLY | O_CREAT, 0600);
  long made = 0;
  while (fd >= 0 && made < most && write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes) made++;
  if (fd >= 0 && made < most && errno == 0) write(fd, bytes, sizeof bytes);
  return made;
}

int probe_use(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[0], "trace")) return probe_say(ptrace(0x4206 /* PTRACE_SEIZE */, atoi(argv[1]), NULL, NULL));
  if (argc == 4 && !strcmp(argv[0], "mark")) return probe_say(setxattr(argv[1], argv[2], argv[3], strlen(argv[3]), 0));
  long most = argc > 1 ? atol(argv[1]) : 0, made = -1;
  errno = 0;
  if (!strcmp(argv[0], "processes")) made = processes(most);
  if (!strcmp(argv[0], "files")) made = files(most);
  if (!strcmp(argv[0], "memory")) made = memory(most);
  if (!strcmp(argv[0], "disk") && argc > 2) made = disk(most, argv[2]);
  if (!strcmp(argv[0], "watchers")) made = watchers(most);
  if (!strcmp(argv[0], "signals")) made = signals(most);
  if (!strcmp(argv[0], "inodes") && argc > 2) made = inodes(most, argv[2]);
  printf("%ld\n", made);
  probe_say(made < most ? -1 : 0);
  /* What was taken stays taken until the input ends, where that is asked for. */
  char rest[64];
  while (!strcmp(argv[argc - 1], "hold") && read(0, rest, sizeof rest) > 0) continue;
  return 0;
}

/* Takes as much as it gets of one resource, up to a number, and says how much that was. */
#include "probe.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
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
  long most = argc > 1 ? atol(argv[1]) : 0, made = -1;
  errno = 0;
  if (!strcmp(argv[0], "processes")) made = processes(most);
  if (!strcmp(argv[0], "files")) made = files(most);
  if (!strcmp(argv[0], "memory")) made = memory(most);
  if (!strcmp(argv[0], "disk") && argc > 2) made = disk(most, argv[2]);
  printf("%ld\n", made);
  return probe_say(made < most ? -1 : 0);
}

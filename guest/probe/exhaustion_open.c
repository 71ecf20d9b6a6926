/* Bombs of kernel objects that are counted for a user or for the whole machine, and of packets. */
#include "exhaustion.h"
#include "probe.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

enum { MOST_OBJECTS = 8192, KEY_SPEC_PROCESS_KEYRING = -2, DATAGRAM = 8192 };

static int open_descriptor(long n) { return (void)n, open("/", O_RDONLY | O_CLOEXEC | O_DIRECTORY); }
static int open_pty(long n) { return (void)n, open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC); }
static int open_watcher(long n) { return (void)n, inotify_init1(IN_CLOEXEC); }
static int add_key(long n) {
  char name[64];
  snprintf(name, sizeof name, "glovebox-exam-%d-%ld", (int)getpid(), n);
  return (int)syscall(SYS_add_key, "user", name, "x", (size_t)1, KEY_SPEC_PROCESS_KEYRING);
}

/* bomb-open KIND COUNT: as many as there are to be had. All go with this process. */
int run_bomb_open(int argc, char **argv) {
  static const struct { const char *kind; int (*make)(long); } kinds[] = {
      {"descriptors", open_descriptor}, {"ptys", open_pty}, {"watchers", open_watcher}, {"keys", add_key}};
  if (argc != 2) return 2;
  long most = strtol(argv[1], NULL, 10), made = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    while (!strcmp(argv[0], kinds[i].kind) && made < most && made < MOST_OBJECTS && kinds[i].make(made) >= 0) made++;
  tell("set %ld", made);
  hold();
  return 0;
}

/* bomb-send MIB PORT ADDRESS…: datagrams to each IPv4 address in turn. */
int run_bomb_send(int argc, char **argv) {
  static char text[DATAGRAM];
  if (argc < 3) return 2;
  long most = strtol(argv[0], NULL, 10) * (1024 * 1024 / DATAGRAM), made = 0;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return refused();
  for (int i = 2; i < argc; i++) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
    if (inet_pton(AF_INET, argv[i], &to.sin_addr) != 1) continue;
    for (long n = 0; n < most; n++) {
      if (sendto(fd, text, sizeof text, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof to) < 0 && errno != EAGAIN && errno != ECONNREFUSED) break;
      made++;
      if (n % 64 == 63) usleep(500); /* the receiver is one more program on the same processor */
    }
  }
  tell("set %ld", made);
  hold();
  return 0;
}

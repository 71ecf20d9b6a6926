/* Inter-process communication without a file's path: System V and POSIX objects (sysvipc(7), mq_overview(7)), keyrings
 * (keyrings(7)), abstract sockets (unix(7)); and the sockets of daemons that do their callers' work as root. */
#include "process.h"

#include <fcntl.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

enum { KEYCTL_SEARCH = 10, KEYCTL_READ = 11, SESSION_KEYRING = -3, USER_KEYRING = -4, REPLY_MS = 2000 };

int run_shm_read(int argc, char **argv) {
  if (argc != 1) return 2;
  int id = shmget((key_t)strtol(argv[0], NULL, 10), 0, 0);
  const char *memory = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_RDONLY);
  if (memory == (void *)-1) return refused();
  tell("%.64s", memory);
  return 0;
}

int run_msg_receive(int argc, char **argv) {
  if (argc != 1) return 2;
  struct {
    long type;
    char text[65];
  } message;
  int id = msgget((key_t)strtol(argv[0], NULL, 10), 0);
  ssize_t n = id < 0 ? -1 : msgrcv(id, &message, 64, 0, IPC_NOWAIT);
  if (n < 0) return refused();
  tell("%.*s", (int)n, message.text);
  return 0;
}

int run_mqueue_receive(int argc, char **argv) {
  if (argc != 1) return 2;
  char text[128];
  mqd_t queue = mq_open(argv[0], O_RDONLY | O_NONBLOCK);
  ssize_t n = queue < 0 ? -1 : mq_receive(queue, text, sizeof text, NULL);
  if (n < 0) return refused();
  tell("%.*s", (int)n, text);
  return 0;
}

/* key-read session|user NAME */
int run_key_read(int argc, char **argv) {
  if (argc != 2) return 2;
  char text[65];
  long keyring = strcmp(argv[0], "user") ? SESSION_KEYRING : USER_KEYRING;
  long id = syscall(SYS_keyctl, KEYCTL_SEARCH, keyring, "user", argv[1], 0);
  long n = id < 0 ? -1 : syscall(SYS_keyctl, KEYCTL_READ, id, text, sizeof text - 1);
  if (n < 0) return refused();
  tell("%.*s", (int)(n < 64 ? n : 64), text);
  return 0;
}

/* Says `text`, and tells what comes back. */
static int talk(const struct sockaddr_un *address, socklen_t length, const char *text) {
  char reply[512];
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return refused();
  int code = 0;
  struct pollfd wait = {fd, POLLIN, 0};
  if (connect(fd, (const struct sockaddr *)address, length) < 0 || write(fd, text, strlen(text)) < 0) code = refused();
  else if (poll(&wait, 1, REPLY_MS) == 1) {
    ssize_t n = read(fd, reply, sizeof reply);
    if (n > 0) tell("%.*s", (int)n, reply);
  }
  close(fd);
  return code;
}

/* connect-abstract NAME */
int run_connect_abstract(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc != 1 || strlen(argv[0]) + 1 > sizeof address.sun_path) return 2;
  memcpy(address.sun_path + 1, argv[0], strlen(argv[0]));
  return talk(&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(argv[0])), "probe\n");
}

/* call-daemon PATH…: as its client does, who may have any container started with any of the host's files in it */
int run_call_daemon(int argc, char **argv) {
  int code = 0;
  for (int i = 0; i < argc; i++) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(argv[i]) >= sizeof address.sun_path) return 2;
    strcpy(address.sun_path, argv[i]);
    code |= talk(&address, sizeof address, "GET /v1.24/containers/json HTTP/1.0\r\nHost: daemon\r\n\r\n");
  }
  return code;
}

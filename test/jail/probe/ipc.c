/* Ways in which processes of one machine reach each other. `put` plants a nonce, `get` looks for it. */
#include "probe.h"

#include <signal.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

enum { NONCE_MAX = 128 };

static int shm(const char *verb, int key, const char *nonce) {
  int id = shmget(key, NONCE_MAX, *verb == 'p' ? IPC_CREAT | 0666 : 0);
  if (id < 0) return probe_say(-1);
  if (*verb == 'r') return probe_say(shmctl(id, IPC_RMID, NULL));
  char *memory = shmat(id, NULL, 0);
  if (memory == (void *)-1) return probe_say(-1);
  if (*verb == 'p') snprintf(memory, NONCE_MAX, "%s", nonce);
  printf("%s\n", memory);
  return probe_say(0);
}

static int message(const char *verb, int key, const char *nonce) {
  struct { long type; char text[NONCE_MAX]; } m = {1, ""};
  int id = msgget(key, *verb == 'p' ? IPC_CREAT | 0666 : 0);
  if (id < 0) return probe_say(-1);
  if (*verb == 'r') return probe_say(msgctl(id, IPC_RMID, NULL));
  if (*verb == 'p') {
    snprintf(m.text, sizeof m.text, "%s", nonce);
    return probe_say(msgsnd(id, &m, sizeof m.text, IPC_NOWAIT));
  }
  if (msgrcv(id, &m, sizeof m.text, 0, IPC_NOWAIT) < 0) return probe_say(-1);
  printf("%s\n", m.text);
  return probe_say(0);
}

/* session-keyring(7): `put` makes a session keyring with the nonce in it and becomes the command behind it. */
static int keyring(const char *verb, const char *nonce, char **command) {
  char text[NONCE_MAX] = "";
  if (*verb == 'p') {
    if (syscall(SYS_keyctl, 1 /* join a new session */, NULL) < 0) return probe_say(-1);
    if (syscall(SYS_add_key, "user", "glovebox-nonce", nonce, strlen(nonce), -3) < 0) return probe_say(-1);
    execvp(command[0], command);
    return probe_say(-1);
  }
  long id = syscall(SYS_keyctl, 10 /* search */, -3L, "user", "glovebox-nonce", 0L);
  if (id < 0 || syscall(SYS_keyctl, 11 /* read */, id, text, sizeof text - 1) < 0) return probe_say(-1);
  printf("%s\n", text);
  return probe_say(0);
}

static int abstract(const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = (size_t)snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "%s", name);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return probe_say(fd < 0 ? -1 : connect(fd, (void *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)));
}

int probe_ipc(int argc, char **argv) {
  if (argc >= 3 && !strcmp(argv[0], "shm")) return shm(argv[1], atoi(argv[2]), argc > 3 ? argv[3] : "");
  if (argc >= 3 && !strcmp(argv[0], "msg")) return message(argv[1], atoi(argv[2]), argc > 3 ? argv[3] : "");
  if (argc >= 2 && !strcmp(argv[0], "keyring")) return keyring(argv[1], argc > 2 ? argv[2] : "", argv + 3);
  if (argc == 2 && !strcmp(argv[0], "abstract")) return abstract(argv[1]);
  if (argc == 2 && !strcmp(argv[0], "signal")) return probe_say(kill(atoi(argv[1]), SIGUSR1));
  return 2;
}

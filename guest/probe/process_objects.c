/* The outer half: kernel objects that hold a nonce as long as the witness' standard input stays open. Those that are known by a
 * number may be used by everybody, so that the namespace alone is what keeps a box from them. Keys end by themselves. */
#include "process.h"

#include <fcntl.h>
#include <mqueue.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum {
  KEYCTL_JOIN_SESSION_KEYRING = 1, KEYCTL_SETPERM = 5, KEYCTL_LINK = 8, KEYCTL_UNLINK = 9, KEYCTL_SET_TIMEOUT = 15,
  SESSION_KEYRING = -3, USER_KEYRING = -4,
  READ_BY_USER = 0x3f3f0000,
  KEY_SECONDS = 600,
  COPIES = 8, /* a message is read once: enough for all attempts, and the least that mq_overview(7) lets a user have is 10 */
};

int run_witness_shm(int argc, char **argv) {
  char nonce[64];
  if (argc != 1 || !read_nonce(nonce, sizeof nonce)) return 2;
  int id = shmget((key_t)strtol(argv[0], NULL, 10), 4096, IPC_CREAT | IPC_EXCL | 0666);
  char *memory = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
  if (memory == (void *)-1) return refused();
  strcpy(memory, nonce);
  tell("ready");
  hold();
  return shmctl(id, IPC_RMID, NULL) < 0;
}

int run_witness_msg(int argc, char **argv) {
  struct {
    long type;
    char text[64];
  } message = {.type = 1};
  if (argc != 1 || !read_nonce(message.text, sizeof message.text)) return 2;
  int id = msgget((key_t)strtol(argv[0], NULL, 10), IPC_CREAT | IPC_EXCL | 0666);
  if (id < 0) return refused();
  for (int i = 0; i < COPIES; i++) msgsnd(id, &message, strlen(message.text), IPC_NOWAIT);
  tell("ready");
  hold();
  return msgctl(id, IPC_RMID, NULL) < 0;
}

int run_witness_mqueue(int argc, char **argv) {
  char nonce[64];
  struct mq_attr size = {.mq_maxmsg = COPIES, .mq_msgsize = sizeof nonce};
  if (argc != 1 || !read_nonce(nonce, sizeof nonce)) return 2;
  umask(0);
  mqd_t queue = mq_open(argv[0], O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0666, &size);
  if (queue < 0) return refused();
  for (int i = 0; i < COPIES; i++) mq_send(queue, nonce, strlen(nonce), 0);
  tell("ready");
  hold();
  return mq_unlink(argv[0]) < 0;
}

static long new_key(const char *name, const char *nonce, long keyring) {
  long id = syscall(SYS_add_key, "user", name, nonce, strlen(nonce), keyring);
  if (id >= 0) syscall(SYS_keyctl, KEYCTL_SET_TIMEOUT, id, KEY_SECONDS);
  return id;
}

/* witness-key NAME: a key in the user's own keyring, which all of the user's sessions share (user-keyring(7)) */
int run_witness_key(int argc, char **argv) {
  char nonce[64];
  if (argc != 1 || !read_nonce(nonce, sizeof nonce)) return 2;
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
  syscall(SYS_keyctl, KEYCTL_LINK, USER_KEYRING, SESSION_KEYRING); /* to own it, so that the next line may be said */
  long id = new_key(argv[0], nonce, USER_KEYRING);
  if (id < 0 || syscall(SYS_keyctl, KEYCTL_SETPERM, id, READ_BY_USER) < 0) return refused();
  tell("ready");
  hold();
  return syscall(SYS_keyctl, KEYCTL_UNLINK, id, USER_KEYRING) < 0;
}

/* with-key NAME FILE -- COMMAND…: as from a login whose session keyring holds a key (pam_keyinit(8)) */
int run_with_key(int argc, char **argv) {
  char nonce[64];
  if (argc < 4 || strcmp(argv[2], "--")) return 2;
  int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, nonce, sizeof nonce - 1);
  if (n < 0) return refused();
  nonce[n] = 0;
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
  if (new_key(argv[0], nonce, SESSION_KEYRING) < 0) dprintf(2, "no key can be made: %s\n", strerror(errno));
  execvp(argv[3], argv + 3);
  return refused();
}

/* Memory that no process needs to hold: segments of System V (shmget(2)), and keys (keyrings(7)), which live as long as the user's
 * keyring does. */
#include "persistence.h"

#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>

enum { SIZE = 4096, JOIN = 1, SET_PERMISSIONS = 5, SEARCH = 10, SET_TIMEOUT = 15, SESSION_KEYRING = -3, USER_KEYRING = -4 };
/* All to whoever has it and to its user: without the right to search, nobody joins a keyring by name (keyctl_join_session_keyring(3)). */
#define JOINABLE 0x3f3f0000l

/* KEY TEXT */
int run_left_shm(int argc, char **argv) {
  if (argc != 2) return 2;
  int id = shmget((key_t)atol(argv[0]), SIZE, IPC_CREAT | IPC_EXCL | 0666);
  char *memory = id < 0 ? (void *)-1 : shmat(id, NULL, 0);
  if (memory == (void *)-1) return refused();
  snprintf(memory, SIZE, "%s", argv[1]);
  tell("left");
  return 0;
}

/* KEY */
int run_left_shm_read(int argc, char **argv) {
  if (argc != 1) return 2;
  int id = shmget((key_t)atol(argv[0]), 0, 0);
  const char *memory = id < 0 ? (void *)-1 : shmat(id, NULL, SHM_RDONLY);
  if (memory == (void *)-1) return refused();
  tell("%.*s", SIZE - 1, memory);
  return 0;
}

/* KEY : the outer half's tidying. */
int run_left_shm_remove(int argc, char **argv) {
  if (argc != 1) return 2;
  int id = shmget((key_t)atol(argv[0]), 0, 0);
  return id < 0 || shmctl(id, IPC_RMID, NULL) < 0 ? refused() : 0;
}

/* NAME SECONDS : a key in the session's and in the user's keyring, which goes by itself after that time. */
int run_left_key(int argc, char **argv) {
  static const long rings[] = {SESSION_KEYRING, USER_KEYRING};
  int failed = 0;
  if (argc != 2) return 2;
  for (size_t i = 0; i < sizeof rings / sizeof *rings; i++) {
    long key = syscall(SYS_add_key, "user", argv[0], argv[0], strlen(argv[0]), rings[i]);
    if (key < 0) failed = refused();
    else syscall(SYS_keyctl, SET_TIMEOUT, key, atol(argv[1]));
  }
  return failed;
}

static int join(const char *ring) {
  if (syscall(SYS_keyctl, JOIN, ring) < 0) return -1;
  return syscall(SYS_keyctl, SET_PERMISSIONS, SESSION_KEYRING, JOINABLE) < 0 ? -1 : 0;
}

/* RING : on the host, keeps a session keyring of this name, as a login does. */
int run_left_ring(int argc, char **argv) {
  if (argc != 1) return 2;
  if (join(argv[0]) < 0) return refused();
  tell("joined");
  hold();
  return 0;
}

/* RING -- COMMAND… : on the host, in front of a sandbox's command, which inherits that keyring. */
int run_left_in_ring(int argc, char **argv) {
  if (argc < 3 || strcmp(argv[1], "--")) return 2;
  if (join(argv[0]) < 0) return refused();
  execvp(argv[2], argv + 2);
  return refused();
}

/* RING NAME : tells `found` for each keyring in which the key is; the outer half's own use. */
int run_left_key_find(int argc, char **argv) {
  static const long rings[] = {SESSION_KEYRING, USER_KEYRING};
  if (argc != 2) return 2;
  if (join(argv[0]) < 0) return refused();
  for (size_t i = 0; i < sizeof rings / sizeof *rings; i++)
    if (syscall(SYS_keyctl, SEARCH, rings[i], "user", argv[1], 0) > 0) tell("found");
  return 0;
}

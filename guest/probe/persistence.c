/* What stays of a box when it has ended: processes here; memory, keys and objects of the kernel in the files beside. Whatever is
 * made bears a nonce in its name, and the outer half removes it. */
#include "persistence.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

enum { MOST_SECONDS = 600 };

/* NAME SECONDS : the body of the daemon below, so that its command line bears the name. */
static int run_left_sleep(int argc, char **argv) {
  int seconds = argc == 2 ? atoi(argv[1]) : 0;
  if (seconds <= 0 || seconds > MOST_SECONDS) return 2;
  for (int signal_number = 1; signal_number < 32; signal_number++)
    if (signal_number != SIGALRM) signal(signal_number, SIG_IGN);
  alarm((unsigned)seconds);
  for (;;) pause();
}

_Noreturn static void be_daemon(char *name, char *seconds) {
  char *words[] = {"glovebox-probe", "left-sleep", name, seconds, NULL};
  setsid();
  if (fork() != 0) _exit(0);
  for (int fd = 0; fd < 256; fd++) close(fd); /* a pipe that stays open would keep the session from ending */
  open("/dev/null", O_RDWR);
  execv("/proc/self/exe", words);
  _exit(1);
}

/* NAME SECONDS : a process in a session of its own, whose parent has ended, and which ignores every signal that it can (daemon(7)). */
static int run_left_daemon(int argc, char **argv) {
  if (argc != 2) return 2;
  pid_t pid = fork();
  if (pid < 0) return refused();
  if (pid == 0) be_daemon(argv[0], argv[1]);
  waitpid(pid, NULL, 0);
  tell("left");
  return 0;
}

const struct verb persistence_verbs[] = {
    {"left-sleep", run_left_sleep},
    {"left-daemon", run_left_daemon},
    {"left-shm", run_left_shm},
    {"left-shm-read", run_left_shm_read},
    {"left-shm-remove", run_left_shm_remove},
    {"left-key", run_left_key},
    {"left-key-find", run_left_key_find},
    {"left-ring", run_left_ring},
    {"left-in-ring", run_left_in_ring},
    {"left-objects", run_left_objects},
    {"left-objects-remove", run_left_objects_remove},
    {NULL, NULL},
};

/* Clones of one kept memory: what each draws, who each is and what time it has. The naive ones are the control: two children of
 * one program, which have copied the state that each should have made for itself (Ristenpart and Yilek, NDSS 2010). */
#include "snapshot.h"
#include "probe.h"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>

static void tell_hex(const char *name, const void *bytes, size_t length) {
  char text[129];
  for (size_t i = 0; i < length && i < 64; i++) snprintf(text + 2 * i, 3, "%02x", ((const unsigned char *)bytes)[i]);
  tell("%s %s", name, text);
}

static void tell_file(const char *name, const char *path) {
  char text[128];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
  if (fd >= 0) close(fd);
  if (n <= 0) return;
  text[n] = 0;
  text[strcspn(text, "\n")] = 0;
  tell("%s %s", name, text);
}

/* What must be different in each clone, at once and a second later. */
int run_draw(int argc, char **argv) {
  (void)argc, (void)argv;
  for (int later = 0; later < 2; later++) {
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) == sizeof bytes) tell_hex("random", bytes, sizeof bytes);
    tell_file("uuid", "/proc/sys/kernel/random/uuid");
    if (!later) sleep(1);
  }
  void *seed = (void *)getauxval(AT_RANDOM);
  if (seed) tell_hex("seed", seed, 16);
  tell_file("boot-id", "/proc/sys/kernel/random/boot_id");
  tell_file("machine-id", "/etc/machine-id");
  return 0;
}

/* naive-clones before|after: both draw from a generator that was seeded before or after the fork, and tell a machine-id and the
 * time that was taken then. */
int run_naive_clones(int argc, char **argv) {
  if (argc != 1) return 2;
  uint64_t state[2] = {0, 0};
  for (int clone = 0; clone < 2; clone++) {
    if ((clone == 0 || !strcmp(argv[0], "after")) && getrandom(state, sizeof state, 0) != sizeof state) return refused();
    pid_t pid = fork();
    if (pid == 0) {
      uint64_t draw[2] = {state[0] * 0x9e3779b97f4a7c15u, state[1] * 0x9e3779b97f4a7c15u};
      tell_hex("random", draw, sizeof draw);
      tell_hex("machine-id", state, sizeof state);
      _exit(0);
    }
    if (pid < 0 || waitpid(pid, NULL, 0) < 0) return refused();
    tell("clone");
  }
  return 0;
}

/* clock [kept]: the time in milliseconds; `kept` is what a machine would say that was kept for a minute and did not hear of it. */
int run_clock(int argc, char **argv) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  long long late = argc > 0 && !strcmp(argv[0], "kept") ? 60000 : 0;
  tell("%lld", (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000 - late);
  return 0;
}

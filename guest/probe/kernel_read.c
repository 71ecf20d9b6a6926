/* What the kernel says of itself, and its settings. */
#include "kernel.h"
#include "probe.h"

#include <fcntl.h>
#include <sys/klog.h>

enum { READ_ALL = 3 /* syslog(2) */, MOST_LOG = 16384, MOST_RECORDS = 50000, RECORD = 8192 };

static void tell_syslog(void) {
  static char text[MOST_LOG + 1];
  int n = klogctl(READ_ALL, text, MOST_LOG); /* the last so many bytes */
  if (n < 0) refused();
  else tell("%.*s", n, text);
}

/* dev/kmsg: a record a read, oldest first; only the last ones are told. */
static void tell_kmsg(void) {
  static char records[16][RECORD];
  int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC), count = 0;
  if (fd < 0) {
    refused();
    return;
  }
  for (int i = 0; i < MOST_RECORDS; i++) {
    ssize_t n = read(fd, records[count % 16], RECORD - 1);
    if (n < 0 && errno == EPIPE) continue; /* overwritten while it was read */
    if (n <= 0) break;
    records[count++ % 16][n] = 0;
  }
  for (int i = count > 16 ? count - 16 : 0; i < count; i++) tell("%.512s", records[i % 16]);
  close(fd);
}

int run_log(int argc, char **argv) {
  (void)argc, (void)argv;
  tell_syslog();
  tell_kmsg();
  return 0;
}

enum { MOST_SYMBOLS = 16, ADDRESS = 24 };

/* argv: NAME… Their addresses in /proc/kallsyms, in this order, as one word. */
int run_symbols(int argc, char **argv) {
  char line[512], address[ADDRESS], name[256], found[MOST_SYMBOLS][ADDRESS] = {""};
  FILE *file = argc < 1 || argc > MOST_SYMBOLS ? NULL : fopen("/proc/kallsyms", "re");
  if (!file) return refused();
  while (fgets(line, sizeof line, file))
    for (int i = 0; i < argc; i++)
      if (sscanf(line, "%23s %*s %255s", address, name) == 2 && !found[i][0] && !strcmp(name, argv[i]))
        memcpy(found[i], address, sizeof address);
  fclose(file);
  for (int i = 0; i < argc; i++) printf("%s%s", i ? "-" : "", found[i]);
  tell("%s", "");
  return 0;
}

/* argv: FILE TEXT, a file below /proc. Where it may not be written, a /proc of our own is tried, which is mounted nowhere: the
 * sandbox may have made only its own mount read-only. */
int run_setting(int argc, char **argv) {
  if (argc < 2 || strncmp(argv[0], "/proc/", 6)) return 2;
  int fd = open(argv[0], O_WRONLY | O_CLOEXEC);
  int why = errno;
  if (fd < 0) {
    int own = detached("proc", NULL, NULL, true);
    if (own >= 0) fd = openat(own, argv[0] + 6, O_WRONLY | O_CLOEXEC);
  }
  if (fd < 0) return errno = why, refused();
  if (write(fd, argv[1], strlen(argv[1])) < 0) return refused();
  tell("written");
  return 0;
}

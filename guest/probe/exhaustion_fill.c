/* Bombs that fill file systems. Files have no name where the kernel can do without (O_TMPFILE), and else a name that is removed at
 * once, so that nothing stays whoever kills this; empty files, of which there are many, lie in a folder that is emptied. */
#include "exhaustion.h"
#include "probe.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { MOST_MIB = 1024, MOST_FILES = 32768, IO_FILE_MIB = 16 };

int exhaustion_nameless(const char *folder) {
  int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  char path[1024];
  snprintf(path, sizeof path, "%s/glovebox-exam-fill-%d", folder, (int)getpid());
  fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) unlink(path);
  return fd;
}

/* Noise: file systems that compress would store zeros for nothing. */
static const uint64_t *noise(void) {
  static uint64_t text[(1 << 20) / sizeof(uint64_t)];
  for (size_t at = 0; at < sizeof text / sizeof *text; at++) text[at] = (at + 1) * 0x9e3779b97f4a7c15u ^ at << 7;
  return text;
}

bool exhaustion_write_mib(int fd) {
  const char *text = (const char *)noise();
  for (size_t done = 0; done < 1 << 20;) {
    ssize_t n = write(fd, text + done, (1 << 20) - done);
    if (n <= 0) return false;
    done += (size_t)n;
  }
  return true;
}

/* bomb-fill MIB FOLDER…: one file in each folder after the other, until it is full. */
int run_bomb_fill(int argc, char **argv) {
  if (argc < 2) return 2;
  long most = strtol(argv[0], NULL, 10), made = 0;
  for (int i = 1; i < argc; i++) {
    int fd = exhaustion_nameless(argv[i]);
    while (fd >= 0 && made < most && made < MOST_MIB && exhaustion_write_mib(fd)) made++;
  }
  tell("set %ld", made);
  hold();
  return 0;
}

/* bomb-files COUNT NAME FOLDER…: empty files, in a new folder of that name in each, by which whoever kills this finds it. */
int run_bomb_files(int argc, char **argv) {
  if (argc < 3) return 2;
  long most = strtol(argv[0], NULL, 10), made = 0;
  char place[32][1024], path[1100];
  int places = 0;
  for (int i = 2; i < argc && places < 32; i++) {
    snprintf(place[places], sizeof *place, "%s/%s", argv[i], argv[1]);
    if (mkdir(place[places], 0700) < 0) continue;
    for (long n = 0; made < most && made < MOST_FILES; n++, made++) {
      snprintf(path, sizeof path, "%s/%ld", place[places], n);
      int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
      if (fd < 0) break;
      close(fd);
    }
    places++;
  }
  tell("set %ld", made);
  hold();
  for (int i = 0; i < places; i++) {
    for (long n = 0; n < MOST_FILES; n++) {
      snprintf(path, sizeof path, "%.1023s/%ld", place[i], n);
      if (unlink(path) < 0) break;
    }
    rmdir(place[i]);
  }
  return 0;
}

/* bomb-io MIB FOLDER…: that much is written to one small file over and over, and must get to the disk each time. */
int run_bomb_io(int argc, char **argv) {
  if (argc < 2) return 2;
  long most = strtol(argv[0], NULL, 10), made = 0;
  int fd = -1;
  for (int i = 1; i < argc && fd < 0; i++) fd = exhaustion_nameless(argv[i]);
  while (fd >= 0 && made < most && made < MOST_MIB && exhaustion_write_mib(fd)) {
    made++;
    if (made % IO_FILE_MIB == 0 && (fdatasync(fd) < 0 || lseek(fd, 0, SEEK_SET) < 0)) break;
  }
  tell("set %ld", made);
  hold();
  return 0;
}

/* Around the tree of names: a file by its handle (open_by_handle_at(2), the "Shocker" of 2014), and a disk by its device number. The
 * outer half hands the handle in, so that nothing is searched by brute force. */
#include "files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

enum { MOST_HANDLE = 128 };

/* struct file_handle, whose last member has no length */
struct handle {
  unsigned length;
  int type;
  unsigned char bytes[MOST_HANDLE];
};

/* PATH : tells its handle, `TYPE HEX`; the outer half's own use. */
int run_handle(int argc, char **argv) {
  struct handle handle = {.length = MOST_HANDLE};
  char hex[2 * MOST_HANDLE + 1] = "";
  int mount;
  if (argc != 1) return 2;
  if (syscall(SYS_name_to_handle_at, AT_FDCWD, argv[0], &handle, &mount, 0) < 0) return refused();
  for (unsigned i = 0; i < handle.length && i < MOST_HANDLE; i++) sprintf(hex + 2 * i, "%02x", handle.bytes[i]);
  tell("%d %s", handle.type, hex);
  return 0;
}

/* TYPE HEX : opens it by whatever may lie on the same file system: the root, and each file that a sandbox may have lent. */
int run_by_handle(int argc, char **argv) {
  static const char *const ways[] = {"/", ".", "/proc/self/exe", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf",
                                     "/tmp", "/home", "/run/glovebox/guest"};
  struct handle handle = {0};
  if (argc != 2 || strlen(argv[1]) > 2 * MOST_HANDLE) return 2;
  handle.type = atoi(argv[0]);
  for (const char *hex = argv[1]; hex[0] && hex[1]; hex += 2)
    handle.bytes[handle.length++] = (unsigned char)strtoul((char[]){hex[0], hex[1], 0}, NULL, 16);
  int failed = 0;
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    int way = open(ways[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (way < 0) continue;
    failed |= tell_file((int)syscall(SYS_open_by_handle_at, way, &handle, O_RDONLY));
    close(way);
  }
  return failed;
}

static int tell_sector(const char *path, off_t offset) {
  char text[512];
  int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text, offset);
  int code = 0;
  if (n < 0) code = refused();
  else tell("%.64s", text);
  if (fd >= 0) close(fd);
  return code;
}

/* MAJOR MINOR NAME OFFSET : reads a block device as it is there already, or by a node of its own making. */
int run_raw(int argc, char **argv) {
  static const char *const folders[] = {"/dev", "/tmp", "/dev/shm", "/run", "."};
  if (argc != 4) return 2;
  dev_t device = makedev((unsigned)atoi(argv[0]), (unsigned)atoi(argv[1]));
  off_t offset = atoll(argv[3]);
  char path[PATH_MAX];
  snprintf(path, sizeof path, "/dev/%s", argv[2]);
  int failed = tell_sector(path, offset);
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    snprintf(path, sizeof path, "%s/glovebox-canary-%d", folders[i], getpid());
    if (mknod(path, S_IFBLK | 0600, device) < 0) continue;
    failed |= tell_sector(path, offset);
    unlink(path);
  }
  return failed;
}

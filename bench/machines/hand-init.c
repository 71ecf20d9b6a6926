/* Process 1 of a guest that was started by hand: the least that puts the same file systems together as Glovebox's own
 * guest program does (guest/serve_root.c), so that what runs on them can be compared. Then it becomes the workload,
 * with the kernel's words. Its modules are those of Glovebox's initramfs, which lies in front of it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

_Noreturn static void fail(const char *what) {
  printf("failed: %s: %s\n", what, strerror(errno));
  fflush(stdout);
  reboot(RB_POWER_OFF);
  _exit(1);
}

static void load_modules(void) {
  struct dirent **names;
  int count = scandir("/modules", &names, NULL, alphasort);
  for (int i = 0; i < count; i++) {
    char path[300];
    snprintf(path, sizeof path, "/modules/%s", names[i]->d_name);
    if (names[i]->d_name[0] == '.') continue;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (syscall(SYS_finit_module, fd, "", 0) < 0 && errno != EEXIST) fail(path);
    close(fd);
  }
}

static const char *disk(int n) {
  static const char *const names[][2] = {{"/dev/ubda", "/dev/ubdb"}, {"/dev/vda", "/dev/vdb"}};
  return names[access(names[0][n], F_OK) == 0 ? 0 : 1][n];
}

static void mount_or_fail(const char *what, const char *where, const char *type, unsigned long flags, const char *data) {
  if (mount(what, where, type, flags, data) < 0) fail(where);
}

int main(int argc, char **argv) {
  (void)argc;
  static const char *const folders[] = {"/dev", "/base", "/write", "/root"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) mkdir(folders[i], 0755);
  mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
  load_modules();
  mount_or_fail(disk(0), "/base", "ext4", MS_RDONLY | MS_NODEV | MS_NOSUID, NULL);
  mount_or_fail(disk(1), "/write", "ext4", MS_NODEV | MS_NOSUID | MS_NOATIME, NULL);
  mkdir("/write/upper", 0755);
  mkdir("/write/work", 0755);
  mount_or_fail("overlay", "/root", "overlay", MS_NODEV | MS_NOSUID,
                "lowerdir=/base,upperdir=/write/upper,workdir=/write/work,redirect_dir=nofollow,metacopy=off,index=off,xino=off");
  if (chdir("/root") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0) fail("/root");
  execv("/usr/bin/glovebox-workload", argv);
  fail("/usr/bin/glovebox-workload");
}

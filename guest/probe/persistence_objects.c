/* Objects of the kernel that outlive whoever made them: mounts, persistent tap devices (tuntap.rst, TUNSETPERSIST), cgroups. */
#include "persistence.h"

#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* musl has no linux/if_tun.h */
#define SET_INTERFACE 0x400454caul
#define SET_PERSISTENT 0x400454cbul
enum { TAP = 0x0002, NO_INFO = 0x1000 };

/* `on` makes it, else it goes when its descriptor is closed. */
static int set_tap(const char *name, long on) {
  struct ifreq request = {.ifr_flags = TAP | NO_INFO};
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (fd < 0 || ioctl(fd, SET_INTERFACE, &request) < 0 || ioctl(fd, SET_PERSISTENT, on) < 0) return refused();
  return close(fd);
}

/* MOUNT-POINT TAP CGROUP… : each in a way of its own; the names bear the nonce. */
int run_left_objects(int argc, char **argv) {
  if (argc < 2) return 2;
  if (mkdir(argv[0], 0755) < 0 && errno != EEXIST) refused();
  int code = mount("glovebox-canary", argv[0], "tmpfs", MS_NOSUID | MS_NODEV, "size=4k") < 0 ? refused() : 0;
  code |= set_tap(argv[1], 1);
  for (int i = 2; i < argc; i++)
    if (mkdir(argv[i], 0755) < 0) code = refused();
  return code;
}

/* The same words : takes them away; the outer half's tidying. */
int run_left_objects_remove(int argc, char **argv) {
  char path[64];
  if (argc < 2) return 2;
  umount2(argv[0], MNT_DETACH);
  rmdir(argv[0]);
  snprintf(path, sizeof path, "/sys/class/net/%.15s", argv[1]);
  if (access(path, F_OK) == 0) set_tap(argv[1], 0);
  for (int i = 2; i < argc; i++) rmdir(argv[i]);
  return 0;
}

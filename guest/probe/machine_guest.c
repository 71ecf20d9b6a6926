/* The first process of a guest that is an attacker's whole: it mounts what shows the guest's devices and serves on its console
 * (src/exam/guest-place.ts says how the kernel is told to start it). */
#include "machine.h"
#include "probe.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>

int run_guest_first(int argc, char **argv) {
  static const char *const mounts[][2] = {{"/dev", "devtmpfs"}, {"/proc", "proc"}, {"/sys", "sysfs"}};
  (void)argc, (void)argv;
  if (getpid() != 1) return 2;
  for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++) {
    mkdir(mounts[i][0], 0755);
    mount("guest", mounts[i][0], mounts[i][1], 0, NULL);
  }
  /* In the order of their names, as guest/serve_root.c does. */
  for (int number = 0; number < 64; number++) {
    DIR *folder = opendir("/modules");
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
      char path[300];
      if (atoi(entry->d_name) != number || entry->d_name[0] == '.') continue;
      snprintf(path, sizeof path, "/modules/%s", entry->d_name);
      int fd = open(path, O_RDONLY | O_CLOEXEC);
      if (fd >= 0) syscall(SYS_finit_module, fd, "", 0);
      if (fd >= 0) close(fd);
    }
    if (folder) closedir(folder);
  }
  return probe_serve();
}

/* power-off off|restart: as the machine's monitor takes it for an end (QEMU's -no-reboot; User-Mode Linux would start anew). */
int run_power_off(int argc, char **argv) {
  if (argc != 1 || getppid() != 1) return 2;
  reboot(strcmp(argv[0], "restart") ? RB_POWER_OFF : RB_AUTOBOOT);
  return refused();
}

static bool read_attribute(const char *device, const char *name, char ret_text[64]) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", device, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, ret_text, 63);
  if (fd >= 0) close(fd);
  if (n <= 0) return false;
  ret_text[n] = 0;
  ret_text[strcspn(ret_text, "\n")] = 0;
  return true;
}

static void each_in(const char *folder, void (*take)(const char *bus, const char *path, const char *name), const char *bus) {
  DIR *list = opendir(folder);
  for (struct dirent *entry; list && (entry = readdir(list));) {
    char path[400];
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%.100s/%.255s", folder, entry->d_name);
    take(bus, path, entry->d_name);
  }
  if (list) closedir(list);
}

static void tell_pci(const char *bus, const char *path, const char *name) {
  char vendor[64], device[64];
  (void)name;
  if (read_attribute(path, "vendor", vendor) && read_attribute(path, "device", device)) tell("%s %s %s", bus, vendor, device);
}

static void tell_virtio(const char *bus, const char *path, const char *name) {
  char device[64];
  (void)name;
  if (read_attribute(path, "device", device)) tell("%s %s", bus, device);
}

/* Of disks and cards, those that the kernel has not made by itself. */
static void tell_name(const char *bus, const char *path, const char *name) {
  static const char *const own[] = {"loop", "ram", "zram", "lo", "nbd", "sit", "dummy", "md"};
  (void)path;
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    if (!strncmp(name, own[i], strlen(own[i]))) return;
  tell("%s %s", bus, name);
}

/* The devices on each bus that a machine can have, by their numbers, and its disks and network cards by their names. */
int run_list_devices(int argc, char **argv) {
  (void)argc, (void)argv;
  each_in("/sys/bus/pci/devices", tell_pci, "pci");
  each_in("/sys/bus/virtio/devices", tell_virtio, "virtio");
  each_in("/sys/bus/usb/devices", tell_name, "usb");
  each_in("/sys/bus/scsi/devices", tell_name, "scsi");
  each_in("/sys/block", tell_name, "disk");
  each_in("/sys/class/net", tell_name, "card");
  return 0;
}

/* mount-read TYPE SOURCE OPTIONS FILE: the beginning of a file below a new mount. */
int run_mount_read(int argc, char **argv) {
  if (argc != 4) return 2;
  mkdir("/mnt-probe", 0755);
  if (mount(argv[1], "/mnt-probe", argv[0], 0, argv[2]) < 0) return refused();
  char path[1024], text[4096];
  snprintf(path, sizeof path, "/mnt-probe/%s", argv[3]);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  int code = n < 0 ? refused() : 0;
  if (n >= 0) tell("mounted %.*s", (int)n, text);
  if (fd >= 0) close(fd);
  umount2("/mnt-probe", MNT_DETACH);
  return code;
}

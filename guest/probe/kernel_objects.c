/* Objects of the kernel that are known by their descriptor, their namespace or their device number. The classes follow what
 * exploits of the last years came through; the probes of src/exam/catalogue/kernel name them. */
#include "kernel.h"
#include "probe.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

enum {
  IO_URING_SETUP = 425, /* the same number on every architecture, as with all calls since Linux 5.1 */
  BPF_MAP_CREATE = 0, BPF_MAP_TYPE_ARRAY = 2,
  UFFD_USER_MODE_ONLY = 1, /* needs no right: userfaultfd(2) */
  PERF_TYPE_SOFTWARE = 1, PERF_EXCLUDE_KERNEL_AND_HV = 1 << 5 | 1 << 6,
  FAN_REPORT_FID = 0x200, /* without it fanotify_init(2) is root's alone */
};

static int make_none(int argc, char **argv) {
  (void)argc, (void)argv;
  return 0;
}

static int make_io_uring(int argc, char **argv) {
  (void)argc, (void)argv;
  uint32_t parameters[30] = {0}; /* struct io_uring_params: 120 bytes */
  return (int)syscall(IO_URING_SETUP, 1, parameters);
}

static int make_bpf_map(int argc, char **argv) {
  (void)argc, (void)argv;
  uint32_t attributes[32] = {BPF_MAP_TYPE_ARRAY, 4, 4, 1};
  return (int)syscall(SYS_bpf, BPF_MAP_CREATE, attributes, sizeof attributes);
}

static int make_userfaultfd(int argc, char **argv) {
  (void)argc, (void)argv;
  int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
  return fd >= 0 ? fd : (int)syscall(SYS_userfaultfd, O_CLOEXEC);
}

static int make_perf_event(int argc, char **argv) {
  (void)argc, (void)argv;
  /* struct perf_event_attr, version 0: type, size, config, three words, flags, … */
  uint64_t attributes[8] = {PERF_TYPE_SOFTWARE | (uint64_t)64 << 32, 0, 0, 0, 0, PERF_EXCLUDE_KERNEL_AND_HV, 0, 0};
  return (int)syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0);
}

static int make_fanotify(int argc, char **argv) {
  (void)argc, (void)argv;
  return (int)syscall(SYS_fanotify_init, FAN_REPORT_FID, O_RDONLY);
}

static int make_filesystem(int argc, char **argv) {
  return detached(argc > 0 ? argv[0] : "tmpfs", NULL, NULL, false);
}

static int make_user_namespace(int argc, char **argv) {
  (void)argc, (void)argv;
  return unshare(CLONE_NEWUSER);
}

/* Words: MARK. A hierarchy of control groups with a name and without a controller (cgroups(7)): it is listed in every process'
 * /proc/PID/cgroup, and gone with its last descriptor. It asks for the very rights that a release agent asks for. */
static int make_hierarchy(int argc, char **argv) {
  return argc < 1 ? -1 : detached("cgroup", "name", argv[0], false);
}

/* Who is root with CAP_MKNOD makes the node that is missing. */
static int open_made_node(unsigned major_number, unsigned minor_number, mode_t kind) {
  char path[64];
  snprintf(path, sizeof path, "/tmp/glovebox-node-%d", (int)getpid());
  if (mknod(path, kind | 0600, makedev(major_number, minor_number)) < 0) return -1;
  int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  int why = errno;
  unlink(path);
  errno = why;
  return fd;
}

static int open_device(const char *path, const char *number) {
  int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  unsigned major_number = 0, minor_number = 0;
  if (fd >= 0 || sscanf(number, "%u:%u", &major_number, &minor_number) != 2) return fd;
  int why = errno;
  fd = open_made_node(major_number, minor_number, S_IFCHR);
  if (fd < 0) errno = why;
  return fd;
}

/* The node as far as it can be reached without waking the device: cameras and screens of the user's are not opened. access(2)
 * asks the permissions and the control group's list of devices; what a mount with nodev refuses is asked for here. */
static int reach_node(const char *path, const char *number) {
  (void)number;
  struct statvfs about;
  int fd = open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) return -1;
  if (access(path, R_OK) == 0 && fstatvfs(fd, &about) == 0) {
    if (!(about.f_flag & 2 /* ST_NODEV of Linux */)) return fd;
    errno = EACCES;
  }
  int why = errno;
  close(fd);
  errno = why;
  return -1;
}

/* Words: PATH MAJOR:MINOR, … All that open are kept. */
static int each_device(int argc, char **argv, int (*reach)(const char *, const char *)) {
  int made = -1, why = ENOENT;
  for (int i = 0; i + 1 < argc; i += 2) {
    int fd = reach(argv[i], argv[i + 1]);
    if (fd >= 0) made = fd;
    else why = errno;
  }
  errno = why;
  return made;
}

static int make_devices(int argc, char **argv) { return each_device(argc, argv, open_device); }
static int make_nodes(int argc, char **argv) { return each_device(argc, argv, reach_node); }

const struct kind object_kinds[] = {{"none", make_none, 0, false},
                                    {"io_uring", make_io_uring, 0, false},
                                    {"bpf-map", make_bpf_map, 0, false},
                                    {"userfaultfd", make_userfaultfd, 0, false},
                                    {"perf-event", make_perf_event, 0, false},
                                    {"fanotify", make_fanotify, 0, false},
                                    {"filesystem", make_filesystem, CLONE_NEWNS, true},
                                    {"user-namespace", make_user_namespace, 0, false},
                                    {"table", make_table, CLONE_NEWNET, false},
                                    {"hierarchy", make_hierarchy, 0, false},
                                    {"devices", make_devices, 0, false},
                                    {"nodes", make_nodes, 0, false},
                                    {NULL, NULL, 0, false}};

/* The outer half: a host whose name, mounts or network hold a nonce, by namespaces that go with the command; nothing of the
 * machine's own is changed. Needs root, as a user namespace would itself change what the sandbox finds. And `beside`: a process
 * that stays while the command runs, as launchers do, with the whole command line in its arguments. */
#include "identity.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { TUNSETIFF_NUMBER = 0x400454ca, TUNSETPERSIST_NUMBER = 0x400454cb, TAP_WITHOUT_HEADER = 0x1002 };

/* The words up to `--` must be `count`; what follows becomes this process. */
static bool split(int argc, char **argv, int count) { return argc > count + 1 && !strcmp(argv[count], "--"); }

static int become(char **command) {
  execvp(command[0], command);
  return refused();
}

static int failed(const char *what) {
  dprintf(2, "%s: %s\n", what, strerror(errno));
  return 1;
}

/* with-host-name NAME -- COMMAND… */
int run_with_host_name(int argc, char **argv) {
  if (!split(argc, argv, 1)) return 2;
  if (unshare(CLONE_NEWUTS) < 0 || sethostname(argv[0], strlen(argv[0])) < 0) return failed("the host's name");
  return become(argv + 2);
}

/* with-mount FOLDER -- COMMAND…: the folder, bound to itself, in the list of mounts */
int run_with_mount(int argc, char **argv) {
  if (!split(argc, argv, 1)) return 2;
  if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) return failed("the mounts");
  if (mount(argv[0], argv[0], NULL, MS_BIND, NULL) < 0) return failed(argv[0]);
  return become(argv + 2);
}

static bool set_address(int fd, unsigned long request, const char *name, const char *address) {
  struct ifreq what = {0};
  struct sockaddr_in *in = (void *)&what.ifr_addr;
  snprintf(what.ifr_name, sizeof what.ifr_name, "%s", name);
  in->sin_family = AF_INET;
  inet_pton(AF_INET, address, &in->sin_addr);
  return ioctl(fd, (int)request, &what) == 0;
}

static bool raise_interface(int fd, const char *name) {
  struct ifreq what = {.ifr_flags = IFF_UP | IFF_RUNNING};
  snprintf(what.ifr_name, sizeof what.ifr_name, "%s", name);
  return ioctl(fd, SIOCSIFFLAGS, &what) == 0;
}

static bool set_mac(int fd, const char *name, const char *text) {
  struct ifreq what = {.ifr_hwaddr = {.sa_family = ARPHRD_ETHER}};
  unsigned char mac[6];
  snprintf(what.ifr_name, sizeof what.ifr_name, "%s", name);
  if (sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6) return false;
  memcpy(what.ifr_hwaddr.sa_data, mac, sizeof mac);
  return ioctl(fd, SIOCSIFHWADDR, &what) == 0;
}

/* An Ethernet interface that leads nowhere, with this address (tun(4)); it goes with the namespace. */
static bool make_interface(const char *mac, const char *address) {
  static const char name[] = "glovebox0";
  struct ifreq what = {.ifr_flags = TAP_WITHOUT_HEADER};
  memcpy(what.ifr_name, name, sizeof name);
  int tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC), fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  bool made = tap >= 0 && fd >= 0 && ioctl(tap, TUNSETIFF_NUMBER, &what) == 0 && ioctl(tap, TUNSETPERSIST_NUMBER, 1) == 0 &&
              set_mac(fd, name, mac) && set_address(fd, SIOCSIFADDR, name, address) && raise_interface(fd, name) &&
              raise_interface(fd, "lo");
  int why = errno;
  if (tap >= 0) close(tap);
  if (fd >= 0) close(fd);
  errno = why;
  return made;
}

/* with-network MAC ADDRESS -- COMMAND… */
int run_with_network(int argc, char **argv) {
  if (!split(argc, argv, 2)) return 2;
  if (unshare(CLONE_NEWNET) < 0 || !make_interface(argv[0], argv[1])) return failed("the network");
  return become(argv + 3);
}

/* beside -- COMMAND… */
int run_beside(int argc, char **argv) {
  if (!split(argc, argv, 0)) return 2;
  pid_t pid = fork();
  if (pid < 0) return failed("a process");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    return become(argv + 1);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

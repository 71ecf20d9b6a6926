/* The one interface of a guest with a network. Its addresses are the same in every box and come with the setup: there is no DHCP
 * and no router advertisement, as nobody on this link could be asked. Sources: netdevice(7), linux/ipv6_route.h. */
#include "guest.h"
#include "serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* linux/ipv6.h and ipv6_route.h, which are not beside the C library's own headers. */
struct address6 { struct in6_addr address; uint32_t bits; int index; };
struct route6 {
  struct in6_addr to, from, gateway;
  uint32_t type;
  uint16_t to_bits, from_bits;
  uint32_t metric;
  unsigned long info;
  uint32_t flags;
  int index;
};
enum { UP_BY_GATEWAY = 3 };

/* What the kernel calls it: virtio's eth0, or vec0 of User-Mode Linux. */
static bool find_interface(char ret[IFNAMSIZ]) {
  struct if_nameindex *all = if_nameindex();
  ret[0] = 0;
  for (struct if_nameindex *at = all; at && at->if_name; at++)
    if (strncmp(at->if_name, "eth", 3) == 0 || strncmp(at->if_name, "vec", 3) == 0) snprintf(ret, IFNAMSIZ, "%s", at->if_name);
  if (all) if_freenameindex(all);
  return ret[0] != 0;
}

/* A kernel without it goes on as it is. */
static void set_kernel(const char *path, const char *value) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write_all(fd, value, strlen(value)) < 0) say("Cannot set %s in the guest: %s.", path, strerror(errno));
  close(fd);
}

/* Nobody else is on the link, so no address has to be tried before it is used: a second in which IPv6 would not work. And no
 * congestion is on it: see BOX_SETTINGS of the host's side (src/network/gate.ts). */
void network_prepare(void) {
  char name[IFNAMSIZ], path[112];
  if (!find_interface(name)) return;
  snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/accept_dad", name);
  set_kernel(path, "0");
  snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/router_solicitations", name);
  set_kernel(path, "0");
  set_kernel("/proc/sys/net/ipv4/tcp_congestion_control", "reno");
  set_kernel("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
}

static void set4(int fd, const char *name, unsigned long what, uint32_t address) {
  struct ifreq request;
  struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = address};
  memset(&request, 0, sizeof request);
  snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
  memcpy(&request.ifr_addr, &in, sizeof in);
  if (ioctl(fd, what, &request) < 0) die("Cannot set the guest's address: %s.", strerror(errno));
}

static void bring_up(int fd, char name[IFNAMSIZ], int mtu) {
  struct ifreq request;
  memset(&request, 0, sizeof request);
  snprintf(request.ifr_name, IFNAMSIZ, "%s", name);
  if (strcmp(name, "eth0")) {
    snprintf(request.ifr_newname, IFNAMSIZ, "eth0");
    if (ioctl(fd, SIOCSIFNAME, &request) < 0) die("Cannot name the guest's interface: %s.", strerror(errno));
    snprintf(name, IFNAMSIZ, "eth0");
    snprintf(request.ifr_name, IFNAMSIZ, "eth0");
  }
  request.ifr_mtu = mtu;
  if (ioctl(fd, SIOCSIFMTU, &request) < 0) say("Cannot set the guest's MTU to %d: %s.", mtu, strerror(errno));
  request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_MULTICAST;
  if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) die("Cannot bring up the guest's interface: %s.", strerror(errno));
}

static void route4(int fd, char *name, uint32_t gateway) {
  struct rtentry route;
  struct sockaddr_in any = {.sin_family = AF_INET}, by = {.sin_family = AF_INET, .sin_addr.s_addr = gateway};
  memset(&route, 0, sizeof route);
  memcpy(&route.rt_dst, &any, sizeof any);
  memcpy(&route.rt_genmask, &any, sizeof any);
  memcpy(&route.rt_gateway, &by, sizeof by);
  route.rt_flags = UP_BY_GATEWAY;
  route.rt_dev = name;
  if (ioctl(fd, SIOCADDRT, &route) < 0 && errno != EEXIST) die("Cannot set the guest's route: %s.", strerror(errno));
}

/* A kernel without IPv6 has the other family. */
static void configure6(const char *name, const char *address, unsigned bits, const char *gateway) {
  int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  struct address6 own = {.bits = bits, .index = (int)if_nametoindex(name)};
  struct route6 route = {.flags = UP_BY_GATEWAY, .metric = 1, .index = own.index};
  if (inet_pton(AF_INET6, address, &own.address) != 1 || inet_pton(AF_INET6, gateway, &route.gateway) != 1) die("Cannot read the guest's addresses.");
  if (ioctl(fd, SIOCSIFADDR, &own) < 0 && errno != EEXIST) die("Cannot set the guest's address of IPv6: %s.", strerror(errno));
  if (ioctl(fd, SIOCADDRT, &route) < 0 && errno != EEXIST) die("Cannot set the guest's route of IPv6: %s.", strerror(errno));
  close(fd);
}

void network_configure(const char *words) {
  char name[IFNAMSIZ], address4[INET_ADDRSTRLEN], gateway4[INET_ADDRSTRLEN], address6[INET6_ADDRSTRLEN], gateway6[INET6_ADDRSTRLEN];
  unsigned bits4, bits6;
  int mtu;
  struct in_addr own, by;
  if (!words[0]) return;
  if (sscanf(words, "%15s %u %15s %45s %u %45s %d", address4, &bits4, gateway4, address6, &bits6, gateway6, &mtu) != 7 || bits4 == 0 || bits4 > 32 ||
      inet_pton(AF_INET, address4, &own) != 1 || inet_pton(AF_INET, gateway4, &by) != 1)
    die("Cannot read the guest's addresses.");
  if (!find_interface(name)) die("Cannot find the guest's network interface.");
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("Cannot reach the guest's network: %s.", strerror(errno));
  bring_up(fd, name, mtu);
  set4(fd, name, SIOCSIFADDR, own.s_addr);
  set4(fd, name, SIOCSIFNETMASK, htonl(~0u << (32 - bits4)));
  route4(fd, name, by.s_addr);
  close(fd);
  configure6(name, address6, bits6, gateway6);
}

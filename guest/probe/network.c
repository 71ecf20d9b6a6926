/* The network as it is seen from inside: addresses, names, and what the verbs of network_*.c share.
 *
 *   net-addresses                     own addresses, gateways and nameservers, and proxies of the environment
 *   net-resolve WAIT NAME…            asks the resolver that applications ask (resolv.conf(5))
 *   net-tcp WAIT HEX ADDRESS PORT…    connects to all at once, says the bytes, and tells what comes back
 *   net-udp WAIT FROM HEX ADDRESS PORT…   a datagram to each, from port FROM where it is not 0
 *   net-ping WAIT HEX ADDRESS…        an echo request with these bytes to each
 *   net-listen WAIT PORT TEXT         says TEXT to whoever comes by TCP or UDP
 *   net-frame HEX…                    puts frames on every interface (packet(7))
 *   net-packet HEX ADDRESS            a packet with a header of its own (raw(7))
 *   net-sniff WAIT MARKER             tells what follows MARKER in any frame that passes
 *   net-within PID plain|all COMMAND… on the host: runs a command in a node of the test LAN
 *
 * WAIT is in milliseconds. */
#include "network.h"

#include "probe.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>

bool net_read_address(const char *address, const char *port, struct target *ret_target) {
  struct addrinfo *found, hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
  if (getaddrinfo(address, port, &hints, &found) != 0) return false;
  *ret_target = (struct target){.address = address, .port = port, .length = found->ai_addrlen};
  memcpy(&ret_target->to, found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return true;
}

int net_read_targets(int argc, char **argv, struct target ret_targets[MOST_TARGETS]) {
  int count = 0;
  for (int i = 0; i + 1 < argc && count < MOST_TARGETS; i += 2)
    if (net_read_address(argv[i], argv[i + 1], &ret_targets[count])) count++;
    else tell("%s %s is no address", argv[i], argv[i + 1]);
  return count;
}

int net_read_hex(const char *hex, unsigned char ret_bytes[MOST_BYTES]) {
  size_t length = strlen(hex);
  if (length % 2 != 0 || length / 2 > MOST_BYTES) return -1;
  for (size_t i = 0; i < length / 2; i++) {
    unsigned byte;
    if (sscanf(hex + 2 * i, "%2x", &byte) != 1) return -1;
    ret_bytes[i] = (unsigned char)byte;
  }
  return (int)(length / 2);
}

int net_read_wait(const char *word) {
  long wait = strtol(word, NULL, 10);
  return wait < 0 ? 0 : wait > MOST_WAIT_MS ? MOST_WAIT_MS : (int)wait;
}

long net_clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void net_tell_bytes(const char *from, const unsigned char *bytes, size_t length) {
  char text[256];
  size_t n = length < sizeof text - 1 ? length : sizeof text - 1;
  for (size_t i = 0; i < n; i++) text[i] = bytes[i] > 0x1f && bytes[i] < 0x7f ? (char)bytes[i] : '.';
  text[n] = 0;
  tell(n > 0 ? "%s: %s" : "%s", from, text);
}

void net_tell_refused(const struct target *target) { tell("%s %s: %s", target->address, target->port, strerror(errno)); }

int net_each_interface(void (*with)(int index, const char *name, void *own), void *own) {
  struct if_nameindex *all = if_nameindex();
  int count = 0;
  for (struct if_nameindex *one = all; one && one->if_index; one++)
    if (strcmp(one->if_name, "lo")) {
      with((int)one->if_index, one->if_name, own);
      count++;
    }
  if (all) if_freenameindex(all);
  return count;
}

static void tell_addresses(void) {
  struct ifaddrs *all;
  if (getifaddrs(&all) < 0) return;
  for (struct ifaddrs *one = all; one; one = one->ifa_next) {
    char text[NI_MAXHOST];
    int family = one->ifa_addr ? one->ifa_addr->sa_family : 0;
    socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    if ((family != AF_INET && family != AF_INET6) || one->ifa_flags & IFF_LOOPBACK) continue;
    if (getnameinfo(one->ifa_addr, length, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0) tell("address %s", text);
  }
  freeifaddrs(all);
}

/* proc(5), /proc/net/route: hex digits in the machine's order of bytes. */
static void tell_gateways4(void) {
  char line[512];
  FILE *file = fopen("/proc/net/route", "r");
  while (file && fgets(line, sizeof line, file)) {
    unsigned to, gateway;
    struct in_addr address;
    if (sscanf(line, "%*s %8x %8x", &to, &gateway) != 2 || gateway == 0) continue;
    address.s_addr = gateway;
    tell("gateway %s", inet_ntoa(address));
  }
  if (file) fclose(file);
}

/* /proc/net/ipv6_route: the next hop is the fifth word, 32 hex digits; the interface is the last one. */
static void tell_gateways6(void) {
  char line[512], hop[33], name[IFNAMSIZ];
  FILE *file = fopen("/proc/net/ipv6_route", "r");
  while (file && fgets(line, sizeof line, file)) {
    unsigned char bytes[MOST_BYTES];
    char text[INET6_ADDRSTRLEN];
    if (sscanf(line, "%*s %*s %*s %*s %32s %*s %*s %*s %*s %15s", hop, name) != 2) continue;
    if (net_read_hex(hop, bytes) != 16 || !strcmp(hop, "00000000000000000000000000000000")) continue;
    inet_ntop(AF_INET6, bytes, text, sizeof text);
    tell(bytes[0] == 0xfe && bytes[1] == 0x80 ? "gateway %s%%%s" : "gateway %s", text, name);
  }
  if (file) fclose(file);
}

static void tell_nameservers(void) {
  char line[512], server[128];
  FILE *file = fopen("/etc/resolv.conf", "r");
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "nameserver %127s", server) == 1) tell("nameserver %s", server);
  if (file) fclose(file);
}

static int run_addresses(int argc, char **argv) {
  (void)argc, (void)argv;
  static const char *const proxies[] = {"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"};
  tell_addresses();
  tell_gateways4();
  tell_gateways6();
  tell_nameservers();
  for (size_t i = 0; i < sizeof proxies / sizeof *proxies; i++)
    if (getenv(proxies[i])) tell("proxy %.200s", getenv(proxies[i]));
  return 0;
}

static void time_up(int number) {
  static const char words[] = "no answer in time\n";
  (void)number;
  if (write(1, words, sizeof words - 1) < 0) _exit(1);
  _exit(0);
}

/* musl asks again after 5 s, so the clock is our own. */
static int run_resolve(int argc, char **argv) {
  if (argc < 2) return 2;
  int wait = net_read_wait(argv[0]);
  struct itimerval time = {.it_value = {wait / 1000, wait % 1000 * 1000}};
  signal(SIGALRM, time_up);
  setitimer(ITIMER_REAL, &time, NULL);
  for (int i = 1; i < argc; i++) {
    struct addrinfo *found, hints = {.ai_socktype = SOCK_STREAM};
    int why = getaddrinfo(argv[i], NULL, &hints, &found);
    if (why != 0) {
      tell("%.80s: %s", argv[i], gai_strerror(why));
      continue;
    }
    for (struct addrinfo *one = found; one; one = one->ai_next) {
      char text[NI_MAXHOST];
      if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0) tell("address %s", text);
    }
    freeaddrinfo(found);
  }
  return 0;
}

const struct verb network_verbs[] = {
    {"net-addresses", run_addresses}, {"net-resolve", run_resolve}, {"net-tcp", net_tcp},     {"net-udp", net_udp},
    {"net-ping", net_ping},           {"net-listen", net_listen},   {"net-frame", net_frame}, {"net-packet", net_packet},
    {"net-sniff", net_sniff},         {"net-within", net_within},   {NULL, NULL}};

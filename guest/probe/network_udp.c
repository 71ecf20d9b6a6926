/* Datagrams and echo requests. What goes to a group or a link-local address without a zone goes out of every interface, as
 * responders of mDNS do it (RFC 6762, 14). */
#include "network.h"
#include "probe.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>

enum { ICMP4_ECHO = 8, ICMP6_ECHO = 128, ECHO_HEADER = 8, SEND_TRIES = 4 };

struct sending {
  int fd;
  const unsigned char *bytes;
  size_t length;
  struct target target;
  int sent;
};

static void send_one(struct sending *sending) {
  const struct target *target = &sending->target;
  /* The first call may fail of an earlier datagram's refusal (ip(7), IP_RECVERR). */
  for (int i = 0; i < SEND_TRIES; i++) {
    if (sendto(sending->fd, sending->bytes, sending->length, 0, (const struct sockaddr *)&target->to, target->length) >= 0) {
      sending->sent++;
      return;
    }
  }
  net_tell_refused(target);
}

static void send_out_of(int index, const char *name, void *own) {
  struct sending *sending = own;
  (void)name;
  if (sending->target.to.ss_family == AF_INET6) {
    ((struct sockaddr_in6 *)&sending->target.to)->sin6_scope_id = (uint32_t)index;
  } else {
    struct ip_mreqn request = {.imr_ifindex = index};
    setsockopt(sending->fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request);
  }
  send_one(sending);
}

static bool wants_interface(const struct target *target) {
  if (target->to.ss_family == AF_INET) {
    const struct sockaddr_in *four = (const struct sockaddr_in *)&target->to;
    return IN_MULTICAST(ntohl(four->sin_addr.s_addr));
  }
  const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&target->to;
  return six->sin6_scope_id == 0 && (IN6_IS_ADDR_MULTICAST(&six->sin6_addr) || IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr));
}

static int send_to(int fd, const struct target *target, const unsigned char *bytes, int length) {
  struct sending sending = {fd, bytes, (size_t)length, *target, 0};
  if (!wants_interface(target)) send_one(&sending);
  else if (net_each_interface(send_out_of, &sending) == 0) tell("%s %s: there is no interface", target->address, target->port);
  return sending.sent;
}

static void hear_one(int fd) {
  unsigned char bytes[MOST_BYTES];
  char from[64] = "somebody", words[96];
  struct sockaddr_storage peer;
  socklen_t length = sizeof peer;
  if (recv(fd, bytes, sizeof bytes, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) return tell("a datagram was refused");
  ssize_t n = recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&peer, &length);
  if (n < 0) return tell("refused: %s", strerror(errno));
  getnameinfo((const struct sockaddr *)&peer, length, from, sizeof from, NULL, 0, NI_NUMERICHOST);
  snprintf(words, sizeof words, "%s answered", from);
  net_tell_bytes(words, bytes, (size_t)n);
}

/* Hears until the time is up, or as many have answered as were asked. */
static void hear(const int fds[2], long until, int asked) {
  struct pollfd polled[2] = {{fds[0], POLLIN, 0}, {fds[1], POLLIN, 0}};
  while (asked > 0) {
    long left = until - net_clock_ms();
    if (left <= 0 || poll(polled, 2, (int)left) <= 0) return;
    for (int i = 0; i < 2; i++) {
      if (!polled[i].revents) continue;
      hear_one(fds[i]);
      asked--;
    }
  }
}

static int open_datagrams(int family, int from) {
  int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1, hops = 255;
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  /* What is refused is known at once. */
  setsockopt(fd, family == AF_INET ? IPPROTO_IP : IPPROTO_IPV6, family == AF_INET ? IP_RECVERR : IPV6_RECVERR, &on, sizeof on);
  if (family == AF_INET) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons((uint16_t)from)};
    setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof hops);
    if (from != 0 && bind(fd, (const struct sockaddr *)&own, sizeof own) < 0) tell("port %d: %s", from, strerror(errno));
  } else {
    struct sockaddr_in6 own = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)from)};
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof hops);
    if (from != 0 && bind(fd, (const struct sockaddr *)&own, sizeof own) < 0) tell("port %d: %s", from, strerror(errno));
  }
  return fd;
}

int net_udp(int argc, char **argv) {
  static struct target targets[MOST_TARGETS];
  unsigned char bytes[MOST_BYTES];
  int length = argc < 5 ? -1 : net_read_hex(argv[2], bytes);
  if (length < 0) return 2;
  int from = (int)strtol(argv[1], NULL, 10), sent = 0;
  int fds[2] = {open_datagrams(AF_INET, from), open_datagrams(AF_INET6, from)};
  int count = net_read_targets(argc - 3, argv + 3, targets);
  for (int i = 0; i < count; i++) sent += send_to(fds[targets[i].to.ss_family == AF_INET6], &targets[i], bytes, length);
  hear(fds, net_clock_ms() + net_read_wait(argv[0]), sent);
  return 0;
}

/* icmp(7): without rights where net.ipv4.ping_group_range allows it; the kernel adds the checksum, to raw ones of IPv4 we do. */
static int open_echo(int family) {
  int protocol = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
  int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, protocol);
  return fd >= 0 ? fd : socket(family, SOCK_RAW | SOCK_CLOEXEC, protocol);
}

/* RFC 1071 */
static uint16_t checksum(const unsigned char *bytes, size_t length) {
  uint32_t sum = 0;
  for (size_t i = 0; i < length; i++) sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

int net_ping(int argc, char **argv) {
  unsigned char bytes[MOST_BYTES], echo[ECHO_HEADER + MOST_BYTES] = {0};
  int length = argc < 3 ? -1 : net_read_hex(argv[1], bytes), sent = 0;
  if (length < 0) return 2;
  int fds[2] = {open_echo(AF_INET), open_echo(AF_INET6)};
  memcpy(echo + ECHO_HEADER, bytes, (size_t)length);
  for (int i = 2; i < argc && i < 2 + MOST_TARGETS; i++) {
    struct target target;
    if (!net_read_address(argv[i], "0", &target)) continue;
    bool six = target.to.ss_family == AF_INET6;
    memset(echo, 0, ECHO_HEADER);
    echo[0] = six ? ICMP6_ECHO : ICMP4_ECHO;
    echo[7] = (unsigned char)i;
    uint16_t sum = six ? 0 : checksum(echo, (size_t)(ECHO_HEADER + length));
    echo[2] = (unsigned char)(sum >> 8);
    echo[3] = (unsigned char)sum;
    sent += send_to(fds[six], &target, echo, ECHO_HEADER + length);
  }
  hear(fds, net_clock_ms() + net_read_wait(argv[0]), sent);
  return 0;
}

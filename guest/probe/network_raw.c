/* What root of a machine can do on its segment: frames and packets of any kind, and hearing those of others (packet(7), raw(7)). */
#include "network.h"
#include "probe.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>

enum { FAMILY_PACKET = 17, ALL_PROTOCOLS = 3, SOL_PACKET_LEVEL = 263, ADD_MEMBERSHIP = 1, PROMISCUOUS = 1, MAC = 6,
       MOST_HEARD = 1000 };

/* packet(7), struct sockaddr_ll and packet_mreq */
struct link_address {
  uint16_t family, protocol;
  int32_t index;
  uint16_t kind;
  uint8_t packet, length, address[8];
};
struct membership {
  int32_t index;
  uint16_t kind, length;
  uint8_t address[8];
};

struct frames {
  int fd, count;
  char **hex;
};

static void put(int fd, int index, const unsigned char *frame, int length, const char *name) {
  struct link_address to = {.family = FAMILY_PACKET, .protocol = htons(ALL_PROTOCOLS), .index = index, .length = MAC};
  if (sendto(fd, frame, (size_t)length, 0, (const struct sockaddr *)&to, sizeof to) < 0) tell("%s: %s", name, strerror(errno));
  else tell("%s: sent", name);
}

/* Each as it is, and from the interface's own address: a switch may know who sits at a port. */
static void put_all(int index, const char *name, void *own) {
  const struct frames *frames = own;
  struct ifreq request = {0};
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  bool known = ioctl(frames->fd, SIOCGIFHWADDR, &request) == 0;
  for (int i = 0; i < frames->count; i++) {
    unsigned char frame[MOST_BYTES];
    int length = net_read_hex(frames->hex[i], frame);
    if (length < 2 * MAC + 2) continue;
    put(frames->fd, index, frame, length, name);
    if (known) {
      memcpy(frame + MAC, request.ifr_hwaddr.sa_data, MAC);
      put(frames->fd, index, frame, length, name);
    }
  }
}

int net_frame(int argc, char **argv) {
  struct frames frames = {socket(FAMILY_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), argc, argv};
  if (frames.fd < 0) return refused();
  if (net_each_interface(put_all, &frames) == 0) tell("there is no interface");
  return 0;
}

int net_packet(int argc, char **argv) {
  unsigned char bytes[MOST_BYTES];
  struct target target;
  int length = argc != 2 ? -1 : net_read_hex(argv[0], bytes);
  if (length < 0 || !net_read_address(argv[1], "0", &target)) return 2;
  int fd = socket(target.to.ss_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (fd < 0) return refused();
  if (sendto(fd, bytes, (size_t)length, 0, (const struct sockaddr *)&target.to, target.length) < 0) return refused();
  tell("sent");
  return 0;
}

static void listen_to(int index, const char *name, void *own) {
  struct membership request = {.index = index, .kind = PROMISCUOUS};
  (void)name;
  setsockopt(*(int *)own, SOL_PACKET_LEVEL, ADD_MEMBERSHIP, &request, sizeof request);
}

/* All that wait. */
static void hear_frames(int fd, const char *marker) {
  unsigned char frame[MOST_BYTES];
  ssize_t n;
  for (int i = 0; i < MOST_HEARD && (n = recv(fd, frame, sizeof frame, MSG_DONTWAIT)) > 0; i++) {
    const unsigned char *found = memmem(frame, (size_t)n, marker, strlen(marker));
    if (found) net_tell_bytes("heard", found + strlen(marker), (size_t)(frame + n - found) - strlen(marker));
  }
}

int net_sniff(int argc, char **argv) {
  if (argc != 2) return 2;
  long until = net_clock_ms() + net_read_wait(argv[0]), left;
  int fd = socket(FAMILY_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ALL_PROTOCOLS));
  if (fd < 0) return refused();
  net_each_interface(listen_to, &fd);
  tell("listening");
  struct pollfd fds[2] = {{fd, POLLIN, 0}, {0, POLLIN, 0}};
  while ((left = until - net_clock_ms()) > 0 && poll(fds, 2, (int)left) > 0) {
    char byte;
    hear_frames(fd, argv[1]);
    if (fds[1].revents && read(0, &byte, 1) <= 0) break;
  }
  hear_frames(fd, argv[1]); /* what was there before the input ended */
  return 0;
}

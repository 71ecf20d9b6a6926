/* What only the root of a kernel can: frames of any kind on the box's interface. */
#define _GNU_SOURCE
#include "frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

enum { ALL_PROTOCOLS = 0x0003, FRAME_MAX = 1500 };

static char said[128];

static int open_link(struct sockaddr_ll *ret_to) {
  struct if_nameindex *all = if_nameindex();
  int fd = socket(AF_PACKET, SOCK_RAW, htons(ALL_PROTOCOLS));
  for (struct if_nameindex *at = all; fd >= 0 && at && at->if_name; at++) {
    if (strncmp(at->if_name, "eth", 3) != 0 && strncmp(at->if_name, "vec", 3) != 0) continue;
    struct ifreq up = {.ifr_flags = IFF_UP};
    snprintf(up.ifr_name, IFNAMSIZ, "%s", at->if_name);
    if (ioctl(fd, SIOCSIFFLAGS, &up) < 0) return -1;
    *ret_to = (struct sockaddr_ll){.sll_family = AF_PACKET, .sll_ifindex = (int)at->if_index, .sll_halen = 6};
    return fd;
  }
  return -1;
}

const char *frames_send(const char *hex, uint32_t count) {
  struct sockaddr_ll to;
  int fd = open_link(&to), sent = 0, error = fd < 0 ? errno : 0;
  for (uint32_t i = 0; fd >= 0 && i < count; i++, hex += strlen(hex) + 1) {
    unsigned char frame[FRAME_MAX];
    size_t length = strlen(hex) / 2;
    for (size_t at = 0; at < length && at < sizeof frame; at++) {
      char byte[3] = {hex[2 * at], hex[2 * at + 1], 0};
      frame[at] = (unsigned char)strtoul(byte, NULL, 16);
    }
    if (length <= sizeof frame && sendto(fd, frame, length, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)length) sent++;
    else error = errno;
  }
  snprintf(said, sizeof said, "%d sent, errno %d\n", sent, error);
  return said;
}

/* What the kernel says of flows, over netlink. Sources: include/uapi/linux/netfilter/{nfnetlink,nfnetlink_conntrack,nfnetlink_log}.h,
 * net/netfilter/nf_conntrack_netlink.c and nfnetlink_log.c. The kernel is trusted, its lengths are checked all the same. */
#include "flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* musl brings no headers of the kernel's. */
enum { NETLINK_NETFILTER = 12, SOL_NETLINK_ = 270, ADD_MEMBERSHIP = 1, BROADCAST_ERROR = 4, GROUP_NEW = 1, GROUP_DESTROY = 3, SO_MEMINFO_ = 55, MEMINFO_DROPS = 8 };
enum { F_REQUEST = 1, F_ACK = 4, F_DUMP = 0x300, TYPE_MASK = 0x3fff, MSG_ERROR = 2 };
enum { CONNTRACK_GET = 1, LOG_CONFIG = 1, CONFIG_COMMAND = 1, CONFIG_MODE = 2, CONFIG_TIMEOUT = 4, CONFIG_THRESHOLD = 5, CONFIG_FLAGS = 6, BIND = 1, UNBIND = 2, COPY_PACKET = 2 };
enum { COPY_BYTES = 128 };
struct header { uint32_t length; uint16_t type, flags; uint32_t sequence, pid; uint8_t family, version; uint16_t resource; };

bool attribute_next(const uint8_t **at, size_t *left, struct attribute *ret) {
  uint16_t length, type;
  if (*left < 4) return false;
  memcpy(&length, *at, 2);
  memcpy(&type, *at + 2, 2);
  if (length < 4 || length > *left) return false;
  *ret = (struct attribute){type & TYPE_MASK, length - 4u, *at + 4};
  size_t step = (length + 3u) & ~3u;
  if (step > *left) step = *left;
  *at += step;
  *left -= step;
  return true;
}

uint64_t attribute_number(const struct attribute *a) {
  uint64_t number = 0;
  for (size_t i = 0; i < a->length && i < 8; i++) number = number << 8 | a->bytes[i];
  return number;
}

bool netlink_next(const uint8_t **at, size_t *left, struct netlink_message *ret) {
  struct header header = {0};
  if (*left < 16) return false;
  memcpy(&header, *at, *left < sizeof header ? *left : sizeof header);
  if (header.length < 16 || header.length > *left) return false;
  bool whole = header.length >= sizeof header;
  *ret = (struct netlink_message){header.type, header.family, ntohs(header.resource), *at + (whole ? sizeof header : 16), header.length - (whole ? sizeof header : 16)};
  size_t step = (header.length + 3u) & ~3u;
  if (step > *left) step = *left;
  *at += step;
  *left -= step;
  return true;
}

static int open_socket(int receive_bytes) {
  struct { uint16_t family, pad; uint32_t pid, groups; } own = {.family = AF_NETLINK};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
  if (fd < 0) return -1;
  /* As much as the machine lets one have (net.core.rmem_max): beyond it events are lost, and counted. */
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  if (bind(fd, (struct sockaddr *)&own, sizeof own) == 0) return fd;
  close(fd);
  return -1;
}

/* With BROADCAST_ERROR (netlink(7)) a flow's end that finds no room is kept and told again a moment later (nf_conntrack_ecache.c); the
 * kernel looks for flows that are over in rounds, so they end by thousands at once. A beginning that finds none is gone. */
int netlink_listen_conntrack(int receive_bytes) {
  int fd = open_socket(receive_bytes);
  if (fd >= 0 && setsockopt(fd, SOL_NETLINK_, BROADCAST_ERROR, &(int){1}, sizeof(int)) < 0) return close(fd), -1;
  for (int group = GROUP_NEW; fd >= 0 && group <= GROUP_DESTROY; group += GROUP_DESTROY - GROUP_NEW)
    if (setsockopt(fd, SOL_NETLINK_, ADD_MEMBERSHIP, &group, sizeof group) < 0) return close(fd), -1;
  return fd;
}

static bool ask(int fd, uint16_t type, uint16_t flags, uint16_t resource, const void *attributes, size_t length) {
  struct { struct header header; uint8_t rest[64]; } message = {.header = {.length = (uint32_t)(sizeof(struct header) + length), .type = type,
                                                                         .flags = F_REQUEST | flags, .resource = htons(resource)}};
  memcpy(message.rest, attributes, length);
  struct { uint16_t family, pad; uint32_t pid, groups; } kernel = {.family = AF_NETLINK};
  return sendto(fd, &message, message.header.length, 0, (struct sockaddr *)&kernel, sizeof kernel) == (ssize_t)message.header.length;
}

static bool ask_config(int fd, uint16_t group, uint16_t flags, uint16_t type, const void *value, size_t length) {
  uint8_t attribute[64] = {0};
  uint16_t whole = (uint16_t)(4 + length);
  memcpy(attribute, &whole, 2);
  memcpy(attribute + 2, &type, 2);
  memcpy(attribute + 4, value, length);
  return ask(fd, SUBSYSTEM_LOG << 8 | LOG_CONFIG, flags, group, attribute, (whole + 3u) & ~3u);
}

/* The kernel has answered by the time that sendto(2) returns. */
static bool configure(int fd, uint16_t group, uint16_t type, const void *value, size_t length) {
  uint8_t reply[256];
  int32_t error = -1;
  if (!ask_config(fd, group, F_ACK, type, value, length)) return false;
  if (recv(fd, reply, sizeof reply, 0) < 20) return false;
  memcpy(&error, reply + 16, sizeof error);
  errno = -error;
  return error == 0;
}

/* Packets that nftables' `log group N` hands over: their first bytes, at most 64 of them in one message, numbered. */
int netlink_listen_log(uint16_t group, int receive_bytes) {
  const uint8_t bind_group = BIND, mode[6] = {0, 0, 0, COPY_BYTES, COPY_PACKET, 0};
  const uint8_t threshold[4] = {0, 0, 0, 64}, hundredths[4] = {0, 0, 0, 5}, numbered[2] = {0, 1};
  int fd = open_socket(receive_bytes);
  if (fd >= 0 && configure(fd, group, CONFIG_COMMAND, &bind_group, 1) && configure(fd, group, CONFIG_MODE, mode, sizeof mode) &&
      configure(fd, group, CONFIG_THRESHOLD, threshold, 4) && configure(fd, group, CONFIG_TIMEOUT, hundredths, 4) &&
      configure(fd, group, CONFIG_FLAGS, numbered, 2))
    return fd;
  int why = errno;
  if (fd >= 0) close(fd);
  errno = why;
  return -1;
}

/* Packets that the kernel has not handed over yet, as the message was not full, wait in the socket when this returns
 * (nfnetlink_log.c, instance_destroy). */
void netlink_end_log(int fd, uint16_t group) {
  const uint8_t unbind = UNBIND;
  ask_config(fd, group, 0, CONFIG_COMMAND, &unbind, 1);
}

bool netlink_ask_conntrack(int fd) { return ask(fd, SUBSYSTEM_CONNTRACK << 8 | CONNTRACK_GET, F_DUMP, 0, "", 0); }

/* Messages that found the socket's buffer full, since it was made (netlink(7) says only that there were some). */
uint64_t netlink_dropped(int fd) {
  uint32_t numbers[16] = {0};
  socklen_t length = sizeof numbers;
  if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO_, numbers, &length) < 0 || length <= MEMINFO_DROPS * sizeof *numbers) return 0;
  return numbers[MEMINFO_DROPS];
}

/* A table of nftables, made and found by netlink alone (nfnetlink, include/uapi/linux/netfilter/nf_tables.h), so that no tool is
 * needed in the sandbox or outside. */
#include "kernel.h"
#include "probe.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
  NETLINK = 16, NETLINK_NETFILTER = 12,
  REQUEST = 1, ACK = 4, DUMP = 0x300, CREATE = 0x400,
  ERROR = 2, DONE = 3, BATCH_BEGIN = 0x10, BATCH_END = 0x11,
  NF_TABLES = 10, NEW_TABLE = NF_TABLES << 8, GET_TABLE = NF_TABLES << 8 | 1,
  TABLE_NAME = 1, IPV4 = 2, MOST_NAME = 31, MOST_ANSWERS = 256,
};

/* struct nlmsghdr with struct nfgenmsg behind it */
struct message {
  uint32_t length;
  uint16_t type, flags;
  uint32_t sequence, port;
  uint8_t family, version;
  uint16_t resource;
};

static int open_netfilter(void) {
  struct timeval patience = {2, 0};
  int fd = socket(NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

static size_t put(char *at, struct message message) {
  memcpy(at, &message, sizeof message);
  return sizeof message;
}

static size_t put_table(char *at, const char *name) {
  uint16_t length = (uint16_t)(4 + strlen(name) + 1), head[2] = {length, TABLE_NAME};
  uint32_t padded = (length + 3u) & ~3u;
  put(at, (struct message){(uint32_t)sizeof(struct message) + padded, NEW_TABLE, REQUEST | CREATE | ACK, 2, 0, IPV4, 0, 0});
  memset(at + sizeof(struct message), 0, padded);
  memcpy(at + sizeof(struct message), head, 4);
  memcpy(at + sizeof(struct message) + 4, name, strlen(name));
  return sizeof(struct message) + padded;
}

/* Words: NAME. It lasts as long as the network namespace. */
int make_table(int argc, char **argv) {
  if (argc < 1 || strlen(argv[0]) > MOST_NAME) return errno = EINVAL, -1;
  char text[512];
  struct { uint32_t length; uint16_t type, flags; uint32_t sequence, port; int32_t error; } answer = {0};
  const uint32_t empty = sizeof(struct message);
  size_t size = put(text, (struct message){empty, BATCH_BEGIN, REQUEST, 1, 0, 0, 0, htons(NF_TABLES)});
  size += put_table(text + size, argv[0]);
  size += put(text + size, (struct message){empty, BATCH_END, REQUEST, 3, 0, 0, 0, htons(NF_TABLES)});
  int fd = open_netfilter();
  if (fd < 0 || send(fd, text, size, 0) < 0 || recv(fd, &answer, sizeof answer, 0) < (ssize_t)sizeof answer) return -1;
  if (answer.type != ERROR || answer.error != 0) return errno = answer.type == ERROR ? -answer.error : EPROTO, -1;
  return fd;
}

bool has_table(const char *name) {
  static char text[32768];
  bool found = false;
  int fd = open_netfilter();
  struct message ask = {sizeof ask, GET_TABLE, REQUEST | DUMP, 1, 0, 0, 0, 0};
  if (fd < 0 || send(fd, &ask, sizeof ask, 0) < 0) return false;
  for (int i = 0; i < MOST_ANSWERS; i++) {
    ssize_t size = recv(fd, text, sizeof text, 0);
    if (size < (ssize_t)sizeof ask) break;
    struct message first;
    memcpy(&first, text, sizeof first);
    if (memmem(text, (size_t)size, name, strlen(name) + 1)) found = true;
    if (first.type == DONE || first.type == ERROR) break;
  }
  close(fd);
  return found;
}

/* A virtual machine monitor that has fallen: it stands in the place of User-Mode Linux and speaks vhost-user with the
 * monitor (guest/vhost.c). `vmm half | truncate | giant`. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SET_MEM_TABLE = 5, SET_VRING_NUM = 8, SET_VRING_ADDR = 9, SET_VRING_KICK = 12, SET_VRING_ENABLE = 18 };
enum { PORT_OUT = 1, SIZE = 8, MEMORY = 4 << 20 };
static const uint64_t GUEST = 0, USER = 0x10000;

static int monitor;

static void say_to(uint32_t request, const void *body, uint32_t size, int fd) {
  unsigned char bytes[128];
  uint32_t header[3] = {request, 1 | 8 /* an answer is asked for */, size};
  memcpy(bytes, header, sizeof header);
  memcpy(bytes + sizeof header, body, size);
  union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof fd)]; } control = {0};
  struct iovec part = {bytes, sizeof header + size};
  struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
  if (fd >= 0) {
    msg.msg_control = control.bytes;
    msg.msg_controllen = sizeof control.bytes;
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
  }
  if (sendmsg(monitor, &msg, MSG_NOSIGNAL) < 0) exit(9);
  if (recv(monitor, bytes, 20, MSG_WAITALL) != 20) pause();
}

/* One queue, as a driver sets it up, with one buffer of this length in it. */
static int set_up(uint32_t length, int *ret_kick) {
  int memory = memfd_create("memory", 0);
  if (memory < 0 || ftruncate(memory, MEMORY) < 0) exit(8);
  unsigned char *at = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (at == MAP_FAILED) exit(8);
  struct { uint64_t address; uint32_t length; uint16_t flags, next; } d = {GUEST + 65536, length, 0, 0};
  memcpy(at, &d, sizeof d);
  ((uint16_t *)(at + 4096))[1] = 1;
  struct { uint32_t count, pad; uint64_t guest, size, user, offset; } table = {1, 0, GUEST, MEMORY, USER, 0};
  struct { uint32_t index, value; } number = {PORT_OUT, SIZE}, on = {PORT_OUT, 1};
  struct { uint32_t index, flags; uint64_t desc, used, avail, log; } address = {PORT_OUT, 0, USER, USER + 8192, USER + 4096, 0};
  uint64_t queue = PORT_OUT;
  *ret_kick = eventfd(0, 0);
  say_to(SET_MEM_TABLE, &table, sizeof table, memory);
  say_to(SET_VRING_NUM, &number, sizeof number, -1);
  say_to(SET_VRING_ADDR, &address, sizeof address, -1);
  say_to(SET_VRING_KICK, &queue, sizeof queue, *ret_kick);
  if (length == 0 && ftruncate(memory, 0) < 0) exit(8);
  say_to(SET_VRING_ENABLE, &on, sizeof on, -1);
  return memory;
}

int main(int argc, char **argv) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/tmp/channel"};
  const uint64_t one = 1;
  int kick;
  monitor = socket(AF_UNIX, SOCK_STREAM, 0);
  if (argc < 2 || connect(monitor, (struct sockaddr *)&address, sizeof address) < 0) return 9;
  if (!strcmp(argv[1], "half")) {
    if (write(monitor, "\5\0\0\0\1", 5) != 5) return 9;
  } else {
    set_up(strcmp(argv[1], "giant") ? 0 : 2 << 20, &kick);
    if (write(kick, &one, sizeof one) < 0) return 9;
  }
  for (;;) pause();
}

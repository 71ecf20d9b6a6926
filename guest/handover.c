/* One message with four descriptors (unix(7), SCM_RIGHTS). */
#include "guest.h"
#include "handover.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool handover_receive(int socket, uint32_t *ret_length, int ret_fds[HANDOVER_DESCRIPTORS]) {
  union { struct cmsghdr align; char bytes[CMSG_SPACE(HANDOVER_DESCRIPTORS * sizeof(int))]; } control;
  struct iovec part = {ret_length, sizeof *ret_length};
  struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
  if (n < 0) return false;
  struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
  size_t brought = c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
  if (brought == HANDOVER_DESCRIPTORS && n == sizeof *ret_length) {
    memcpy(ret_fds, CMSG_DATA(c), HANDOVER_DESCRIPTORS * sizeof(int));
    return true;
  }
  for (size_t i = 0; i < brought; i++) { /* also where they are refused, they came */
    int fd;
    memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
    close(fd);
  }
  return false;
}

bool handover_send(int socket, uint32_t length, const int fds[HANDOVER_DESCRIPTORS]) {
  union { struct cmsghdr align; char bytes[CMSG_SPACE(HANDOVER_DESCRIPTORS * sizeof(int))]; } control = {0};
  struct iovec part = {&length, sizeof length};
  struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
  *c = (struct cmsghdr){.cmsg_len = CMSG_LEN(HANDOVER_DESCRIPTORS * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  memcpy(CMSG_DATA(c), fds, HANDOVER_DESCRIPTORS * sizeof(int));
  return sendmsg(socket, &msg, MSG_NOSIGNAL) == sizeof length;
}

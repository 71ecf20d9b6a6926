/* The two halves speak over a SOCK_SEQPACKET pair: a datagram is a message, so nothing has to be framed. */
#include "holder.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct header { int32_t kind, value; uint32_t text_length; };

union control {
  struct cmsghdr align;
  char bytes[CMSG_SPACE(sizeof(int) * MESSAGE_FDS) + CMSG_SPACE(sizeof(struct ucred))];
};

int message_send(int socket, enum message_kind kind, int value, const char *text, size_t text_length,
                 const int *fds, int fd_count) {
  if (text_length > MESSAGE_TEXT) text_length = MESSAGE_TEXT;
  struct header header = {(int32_t)kind, value, (uint32_t)text_length};
  struct iovec parts[2] = {{&header, sizeof header}, {(void *)(uintptr_t)text, text_length}};
  union control control;
  memset(&control, 0, sizeof control);
  struct msghdr msg = {.msg_iov = parts, .msg_iovlen = text_length ? 2 : 1};
  if (fd_count > 0 && fd_count <= MESSAGE_FDS) {
    msg.msg_control = control.bytes;
    msg.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)fd_count);
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)fd_count);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * (size_t)fd_count);
  }
  ssize_t n;
  do n = sendmsg(socket, &msg, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n < 0 ? -1 : 0;
}

/* Descriptors that came along; the caller owns them. A control message that was cut short is an error. */
static int take_fds(struct msghdr *msg, struct message *ret) {
  ret->fd_count = 0;
  ret->sender = 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof(struct ucred))) {
      struct ucred sender;
      memcpy(&sender, CMSG_DATA(c), sizeof sender);
      ret->sender = sender.pid;
    }
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    int count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int i = 0; i < count; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(c) + sizeof(int) * (size_t)i, sizeof fd);
      if (ret->fd_count < MESSAGE_FDS) ret->fds[ret->fd_count++] = fd;
      else close(fd);
    }
  }
  return msg->msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? -1 : 0;
}

int message_receive(int socket, struct message *ret) {
  struct header header;
  struct iovec parts[2] = {{&header, sizeof header}, {ret->text, sizeof ret->text}};
  union control control;
  struct msghdr msg = {.msg_iov = parts, .msg_iovlen = 2, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t n;
  /* ECONNRESET says, once, that the other half ended without reading our last message; its own last ones, the exit code
   * among them, are still there to be read. */
  do n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
  while (n < 0 && (errno == EINTR || errno == ECONNRESET));
  if (n == 0) return 0;
  if (n < 0) return -1;
  if (take_fds(&msg, ret) < 0 || (size_t)n < sizeof header) return -1;
  ret->kind = header.kind;
  ret->value = header.value;
  ret->text_length = (uint32_t)((size_t)n - sizeof header);
  return 1;
}

/* The desktop: what the sockets of a user's session give whoever can connect to them. Who of a sandbox reaches one is that user:
 * none of these protocols asks for more (X by default, Wayland, D-Bus, PulseAudio, ssh-agent, gpg-agent). */
#include "desktop.h"
#include "probe.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

static int connect_one(const char *address, size_t length, int seconds) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  struct timeval limit = {seconds, 0};
  if (length == 0 || length >= sizeof name.sun_path) return errno = ENAMETOOLONG, -1;
  memcpy(name.sun_path, address, length);
  if (*address == '@') name.sun_path[0] = 0;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  /* An abstract name is as long as it is said to be, without a 0 at its end. */
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (*address == '@' ? 0 : 1));
  if (connect(fd, (struct sockaddr *)&name, size) == 0) return fd;
  int why = errno;
  close(fd);
  return errno = why, -1;
}

int stream_connect(const char *list, int seconds) {
  int fd = -1;
  while (fd < 0 && *list) {
    size_t length = strcspn(list, ",");
    fd = connect_one(list, length, seconds);
    list += length + (list[length] == ',');
  }
  return fd;
}

bool stream_write(int fd, const void *bytes, size_t length) {
  const char *at = bytes;
  while (length > 0) {
    ssize_t n = send(fd, at, length, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    length -= (size_t)n;
  }
  return true;
}

bool stream_read(int fd, void *bytes, size_t length) {
  char *at = bytes;
  while (length > 0) {
    ssize_t n = read(fd, at, length);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0) errno = ECONNRESET;
    if (n <= 0) return false;
    at += n;
    length -= (size_t)n;
  }
  return true;
}

void tell_strings(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length;) {
    size_t end = i;
    while (end < length && bytes[end] >= 0x20 && bytes[end] < 0x7f) end++;
    if (end - i >= 4) tell("%.*s", (int)(end - i), (const char *)bytes + i);
    i = end + 1;
  }
}

uint32_t big32(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

void put_big32(uint8_t *bytes, uint32_t value) {
  for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

const struct verb desktop_verbs[] = {{"x-property", run_x_property},
                                     {"x-pixels", run_x_pixels},
                                     {"x-keylog", run_x_keylog},
                                     {"x-paste", run_x_paste},
                                     {"x-press", run_x_press},
                                     {"x-copy", run_x_copy},
                                     {"x-mark", run_x_mark},
                                     {"x-paint", run_x_paint},
                                     {"x-listen", run_x_listen},
                                     {"wayland", run_wayland},
                                     {"bus-call", run_bus_call},
                                     {"ssh-sign", run_ssh_sign},
                                     {"gpg-sign", run_gpg_sign},
                                     {"record", run_record},
                                     {NULL, NULL}};

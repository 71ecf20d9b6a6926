/* Sockets between a guest and its host (vsock(7)), and machines inside of machines (Documentation/virt/kvm/api.rst). */
#include "machine.h"
#include "probe.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

/* linux/vm_sockets.h, which musl does not have */
enum { FAMILY_VSOCK = 40, VSOCK_CID_ANY = -1 };
struct vsock_address {
  uint16_t family, reserved;
  uint32_t port, cid;
  uint8_t flags, zero[3];
};
enum { KVM_CREATE_VM = 0xae01 };

static int vsock_socket(void) {
  int fd = socket(FAMILY_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct timeval most = {1, 0};
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
  return fd;
}

/* vsock-listen PORT: the witness. Tells what comes, until it is let go. */
int run_vsock_listen(int argc, char **argv) {
  struct vsock_address address = {.family = FAMILY_VSOCK, .cid = (uint32_t)VSOCK_CID_ANY};
  if (argc != 1) return 2;
  address.port = (uint32_t)strtoul(argv[0], NULL, 10);
  int fd = vsock_socket();
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 8) < 0) return refused();
  tell("listening");
  for (;;) {
    struct pollfd fds[2] = {{0, POLLIN, 0}, {fd, POLLIN, 0}};
    if (poll(fds, 2, -1) < 0) return refused();
    if (fds[0].revents) return 0;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    char text[65];
    ssize_t n = peer < 0 ? 0 : read(peer, text, sizeof text - 1);
    if (n > 0) tell("came %.*s", (int)n, text);
    if (peer >= 0) close(peer);
  }
}

/* vsock-say PORT TEXT CID…: 1 is the machine itself, 2 its host. */
int run_vsock_say(int argc, char **argv) {
  if (argc < 3) return 2;
  int code = 1;
  for (int i = 2; i < argc; i++) {
    struct vsock_address address = {.family = FAMILY_VSOCK, .port = (uint32_t)strtoul(argv[0], NULL, 10)};
    address.cid = (uint32_t)strtoul(argv[i], NULL, 10);
    int fd = vsock_socket();
    if (fd < 0) return refused();
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) refused();
    else if (write(fd, argv[1], strlen(argv[1])) > 0) code = 0;
    close(fd);
  }
  return code;
}

/* A machine that lives until it is let go. */
int run_kvm_machine(int argc, char **argv) {
  (void)argc, (void)argv;
  int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
  int machine = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, 0);
  if (machine < 0) return refused();
  tell("machine");
  hold();
  return 0;
}

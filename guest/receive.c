/* The receive buffers of gVisor's TCP, made as large as they may become before anything runs.
 *
 * gVisor grows the buffer of a connection while it reads (ModerateRecvBuf in pkg/tcpip/transport/tcp/endpoint.go). Whether
 * a closed window may be opened again it asks with the size from before the growth; when it has grown meanwhile, no later
 * read crosses the bound, and the window stays closed. Senders should probe it (RFC 9293, section 3.8.6.1), but Debian 12's
 * pasta does not: the download stands still until pasta resets it. A buffer that begins at its largest never grows.
 *
 * The file is root's, so process 1 is root then, in gVisor's own kernel, which is the box's, and becomes the user afterwards.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void receive_buffers(const char *bytes) {
  int fd = open("/proc/sys/net/ipv4/tcp_rmem", O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 || dprintf(fd, "4096 %s %s", bytes, bytes) < 0)
    die("Cannot set the receive buffers of TCP: %s.", strerror(errno));
  close(fd);
}

/* A command on its way from one process of ours to another: its three streams, and a file with the document (wire.h,
 * struct wire_command and strings) of which `length` bytes count. The socket keeps messages apart (SOCK_SEQPACKET). */
#ifndef GLOVEBOX_HANDOVER_H
#define GLOVEBOX_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>

enum { HANDOVER_DOCUMENT = 3, HANDOVER_DESCRIPTORS };

bool handover_send(int socket, uint32_t length, const int fds[HANDOVER_DESCRIPTORS]);
/* False for another message; what it has brought is then closed. */
bool handover_receive(int socket, uint32_t *ret_length, int ret_fds[HANDOVER_DESCRIPTORS]);

#endif

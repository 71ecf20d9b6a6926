/* What the verbs of the network share. Addresses are numbers always, and a port is one of TCP or UDP. */
#ifndef GLOVEBOX_PROBE_NETWORK_H
#define GLOVEBOX_PROBE_NETWORK_H

#include "probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { MOST_BYTES = 1500, MOST_TARGETS = 30, MOST_WAIT_MS = 60000 };

struct target {
  const char *address, *port;
  struct sockaddr_storage to;
  socklen_t length;
};

/* Words ADDRESS PORT… into `ret_targets`; those that are no numbers are told and left out. Returns how many. */
int net_read_targets(int argc, char **argv, struct target ret_targets[MOST_TARGETS]);
bool net_read_address(const char *address, const char *port, struct target *ret_target);
/* From hex digits; -1 where they are none or too many. */
int net_read_hex(const char *hex, unsigned char ret_bytes[MOST_BYTES]);
int net_read_wait(const char *word);
/* Milliseconds of a clock that only goes forward. */
long net_clock_ms(void);
/* What came from there, a line, with dots for bytes that are no text. */
void net_tell_bytes(const char *from, const unsigned char *bytes, size_t length);
/* Why it did not go there. */
void net_tell_refused(const struct target *target);
/* Calls for each interface that is up and no loopback; returns how many there are. */
int net_each_interface(void (*with)(int index, const char *name, void *own), void *own);

int net_tcp(int argc, char **argv);
int net_udp(int argc, char **argv);
int net_ping(int argc, char **argv);
int net_listen(int argc, char **argv);
int net_frame(int argc, char **argv);
int net_packet(int argc, char **argv);
int net_sniff(int argc, char **argv);
int net_within(int argc, char **argv);

#endif

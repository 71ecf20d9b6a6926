/* Of `glovebox-resolver join`: join.c has the theory of operation, join_packet.c what a packet must be like. */
#ifndef GLOVEBOX_JOIN_H
#define GLOVEBOX_JOIN_H

#include "resolver.h"

/* A member's number is the last byte of its addresses, and the name of its socket. */
enum { MEMBERS = 254, JOIN_PACKET = 65536, UNREACHABLE_MAX = 1280 };
struct place { struct address base4, base6; uint8_t own; };

/* join_packet.c, all of it pure. 0 is nobody's number. */
uint8_t join_number(const char *name, size_t length);
struct address join_address(const struct place *place, uint8_t family, uint8_t number);
enum outward { OUTWARD_WRONG, OUTWARD_NOBODY, OUTWARD_PEER };
enum outward join_outward(const struct place *place, const uint8_t *packet, size_t length, uint8_t *ret_to);
bool join_inward(const struct place *place, const uint8_t *packet, size_t length, uint8_t from);
size_t join_unreachable(const uint8_t *packet, size_t length, uint8_t *ret);

int join_main(int argc, char **argv);

#endif

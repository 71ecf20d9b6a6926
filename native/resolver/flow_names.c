/* Which name an address was last answered for: a table of a fixed size, four places for each hash. It is filled by what the resolver
 * tells (tell.c), and an address that was never answered has no name.
 *
 * Why a flow never misses its name: the resolver sends before it answers, a datagram of a socket pair is there when send(2) returns,
 * and a box that was not answered does not know where to go. So the name waits in the socket by the time that the kernel tells of the
 * flow; whoever has read the kernel's event and then empties the socket has it. */
#include "flow.h"

#include <string.h>
#include <sys/socket.h>

enum { WAYS = 4, SETS = 1024, AT_ONCE = 4096 /* more than fit into the socket: tell.c */ };

static struct known { int64_t ends_ms; struct address address; struct name name; } table[SETS][WAYS];
static int from = -1;
static uint32_t seed;

void names_open(int fd) {
  from = fd;
  seed = random_number();
}

/* The place of an address: its own, or else that of the one whose answer ends first. */
static struct known *place(const struct address *address) {
  uint32_t hash = seed ^ address->family;
  for (size_t i = 0; i < sizeof address->bytes; i++) hash = (hash ^ address->bytes[i]) * 0x01000193u;
  struct known *set = table[(hash ^ hash >> 15) % SETS], *first = set;
  for (size_t way = 0; way < WAYS; way++) {
    if (memcmp(&set[way].address, address, sizeof *address) == 0) return &set[way];
    if (set[way].ends_ms < first->ends_ms) first = &set[way];
  }
  return first;
}

const struct name *names_find(const struct address *address) {
  const struct known *known = place(address);
  return known->name.length > 0 && memcmp(&known->address, address, sizeof *address) == 0 ? &known->name : NULL;
}

/* All that waits, but whoever writes on and on must not keep us here. */
void names_take(void) {
  static struct told told;
  uint8_t bytes[TELL_MAX + 1];
  for (int i = 0; from >= 0 && i < AT_ONCE; i++) {
    ssize_t got = recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got <= 0) return;
    if (!tell_read(bytes, (size_t)got, &told)) {
      flow_write_lost("names", 1);
      continue;
    }
    if (told.lost > 0) flow_write_lost("names", told.lost);
    for (size_t k = 0; k < told.count; k++)
      *place(&told.addresses[k]) = (struct known){loop_now() + (int64_t)told.ttl * 1000, told.addresses[k], told.name};
  }
}

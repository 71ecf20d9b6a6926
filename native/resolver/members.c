/* The names of boxes that share a network with this one: NAME.glovebox.
 *
 * The network's folder holds a list with a slot for each member's number; native/join.c writes it, with the user's rights, so no box can
 * have a name that it was not given. Whoever is there holds a lock on a byte of its slot: a box that is gone has no name from then on,
 * however it ended, and nothing need be told to anybody. */
#include "join.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* native/holder.h has the same; a slot's lines are "=NAME", its own names, and "~NAME", which others may have as well. */
enum { SLOT = 256, LIVE_BYTE = 1 };
#define DOMAIN ".glovebox"

static const struct members *members;
static char list[(MEMBERS + 1) * SLOT];

void members_open(const struct members *given) { members = given; }

/* Whether this name is one of boxes, and this box in a network of them. */
bool members_own(const struct name *name) {
  char text[NAME_TEXT_MAX];
  size_t length = name_text(name, text, sizeof text);
  return members->fd >= 0 && length >= sizeof DOMAIN - 1 && strcmp(text + length - (sizeof DOMAIN - 1), DOMAIN) == 0;
}

static bool is_there(size_t number) {
  struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = (off_t)(number * SLOT + LIVE_BYTE), .l_len = 1};
  return syscall(SYS_fcntl, members->fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static bool slot_has(const char *slot, char kind, const char *label, size_t length) {
  const char *end = memchr(slot, 0, SLOT);
  if (!end) return false;
  for (const char *at = slot; at < end;) {
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    if (!line_end) return false;
    if (*at == kind && (size_t)(line_end - at) == length + 1 && memcmp(at + 1, label, length) == 0) return true;
    at = line_end + 1;
  }
  return false;
}

/* The one member of this name; 0 where there is none, or several. */
static size_t find(size_t slots, char kind, const char *label, size_t length, size_t *ret_count) {
  size_t found = 0;
  *ret_count = 0;
  for (size_t number = 1; number < slots; number++)
    if (slot_has(list + number * SLOT, kind, label, length) && is_there(number)) found = number, ++*ret_count;
  return *ret_count == 1 ? found : 0;
}

void members_answer(const struct name *name, uint16_t type, struct body *ret) {
  char text[NAME_TEXT_MAX];
  size_t length = name_text(name, text, sizeof text) - (sizeof DOMAIN - 1), count = 0, number;
  ssize_t got = pread(members->fd, list, sizeof list, 0);
  size_t slots = got > 0 ? (size_t)got / SLOT : 0;
  policy_begin_answer(ret);
  number = find(slots, '=', text, length, &count);
  if (count == 0) number = find(slots, '~', text, length, &count);
  if (number == 0) {
    ret->rcode = RCODE_NAME;
    return;
  }
  const struct place place = {members->range4.address, members->range6.address, 0};
  const struct address addresses[] = {join_address(&place, 4, (uint8_t)number), join_address(&place, 6, (uint8_t)number)};
  for (size_t i = 0; i < 2; i++) policy_add_answer(&addresses[i], type, ret);
}

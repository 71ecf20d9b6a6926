/* Rules that follow the machine when it moves to another network.
 *
 * Theory of operation. "Never this machine, never its LAN" is a set of addresses and networks that was read before the start of the
 * box, and a laptop changes them while a box runs. So the supervisor, which is in the machine's network namespace, listens to
 * rtnetlink(7) for addresses and routes that come. What the gate's sets do not hold yet is added to them by nft(8) in the gate
 * (enter.c), and written to a file first, from which whoever loads the rules anew takes it, too. Nothing is ever removed: where the machine
 * was, its box may still have been seen.
 *
 * What counts: each address, and each route of a machine's own (RTN_LOCAL), whatever the interface; and each unicast route that has a hop
 * without a gateway, in any table. A route for everything (/0) is a way out, and none of these.
 *
 * What is missed would be open, so everything fails closed: a message that is none of the kernel's or is not understood, a file that
 * cannot be written, nft that fails: the caller then ends pasta. Messages that were lost (ENOBUFS) mean that all is read again, as it is
 * once at the start, after listening has begun: what came between the reading of the facts and then is found so. pasta starts after that.
 *
 * Bounds: MOST_RANGES in all; a reading that the kernel says is torn (NLM_F_DUMP_INTR) is repeated ROUNDS times. */
#include "holder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* musl brings no headers of the kernel's: linux/{netlink,rtnetlink,if_addr}.h. */
enum { NETLINK_ROUTE_ = 0, REQUEST = 1, DUMP = 0x300, TORN = 0x10, MSG_FAILURE = 2, MSG_DONE = 3 };
enum { ADDRESS_NEW = 20, ADDRESS_GET = 22, ROUTE_NEW = 24, ROUTE_GET = 26, GROUPS = 0x10 | 0x40 | 0x100 | 0x400 };
enum { IFA_ADDRESS_ = 1, IFA_LOCAL_ = 2, RTA_DST_ = 1, RTA_GATEWAY_ = 5, RTA_MULTIPATH_ = 9, RTA_VIA_ = 18, UNICAST = 1, LOCAL = 2, CLONED = 0x200 };
enum { MOST_RANGES = 4096, MOST_BYTES = MOST_RANGES * 50, ROUNDS = 16, AT_ONCE = 256, PATIENCE_MS = 5000, MESSAGES = 65536 };

struct header { uint32_t length; uint16_t type, flags; uint32_t sequence, pid; };
struct interface_address { uint8_t family, bits, flags, scope; uint32_t index; };
struct route { uint8_t family, to_bits, from_bits, tos, table, protocol, scope, type; uint32_t flags; };
struct attribute { uint16_t length, type; };
struct hop { uint16_t length; uint8_t flags, hops; int32_t index; };
struct range { uint8_t family, bits, bytes[16]; };

/* Those behind `told` are not in the gate's sets yet. */
static struct range ranges[MOST_RANGES];
static size_t count, told;
static uint32_t sequence;
static bool lost, done;
static char said[512]; /* why it failed, by nft where that did */

static bool covers(const struct range *wide, const struct range *narrow) {
  size_t whole = wide->bits / 8;
  uint8_t mask = (uint8_t)(0xff00 >> wide->bits % 8);
  if (wide->family != narrow->family || wide->bits > narrow->bits || memcmp(wide->bytes, narrow->bytes, whole) != 0) return false;
  return mask == 0 || ((wide->bytes[whole] ^ narrow->bytes[whole]) & mask) == 0;
}

static bool is_single(const struct range *range) { return range->bits == (range->family == AF_INET ? 32 : 128); }

static bool is_loopback(const struct range *range) {
  static const uint8_t six[16] = {[15] = 1};
  return range->family == AF_INET ? range->bytes[0] == 127 : memcmp(range->bytes, six, sizeof six) == 0;
}

/* An address of the machine's is told of although a network that is refused holds it: the policy may open that network. */
static bool add(struct range range) {
  const size_t length = range.family == AF_INET ? 4 : 16;
  if (range.bits > 8 * length) return false;
  for (size_t i = 0; i < length; i++)
    if (8 * i + 8 > range.bits) range.bytes[i] &= 8 * i >= range.bits ? 0 : (uint8_t)(0xff00 >> (range.bits - 8 * i));
  for (size_t i = 0; i < count; i++)
    if (covers(&ranges[i], &range) && (!is_single(&range) || is_single(&ranges[i]) || is_loopback(&range))) return true;
  if (count == MOST_RANGES) {
    snprintf(said, sizeof said, "there are more than %d of them", MOST_RANGES);
    return false;
  }
  ranges[count++] = range;
  return true;
}

/* The next of a row of attributes; false at its end. What does not fit ends it with `ret_torn`. */
static bool next_attribute(const uint8_t **at, const uint8_t *end, struct attribute *ret, const uint8_t **ret_value, bool *ret_torn) {
  size_t left = (size_t)(end - *at);
  if (left == 0) return false;
  *ret_torn = true;
  if (left < sizeof *ret) return false;
  memcpy(ret, *at, sizeof *ret);
  if (ret->length < sizeof *ret || ret->length > left) return false;
  *ret_torn = false;
  *ret_value = *at + sizeof *ret;
  size_t step = (ret->length + 3u) & ~3u;
  *at += step < left ? step : left;
  ret->length = (uint16_t)(ret->length - sizeof *ret);
  ret->type &= 0x3fff; /* without NLA_F_NESTED and NLA_F_NET_BYTEORDER */
  return true;
}

static bool take_address(const uint8_t *at, const uint8_t *end) {
  struct interface_address head;
  struct attribute attribute;
  const uint8_t *value;
  bool torn = false, is_local = false, found = false;
  if ((size_t)(end - at) < sizeof head) return false;
  memcpy(&head, at, sizeof head);
  if (head.family != AF_INET && head.family != AF_INET6) return true;
  struct range range = {.family = head.family, .bits = head.family == AF_INET ? 32 : 128};
  for (at += sizeof head; next_attribute(&at, end, &attribute, &value, &torn);) {
    /* Of a link between two, IFA_ADDRESS is the other's. */
    if (attribute.type != IFA_LOCAL_ && (attribute.type != IFA_ADDRESS_ || is_local)) continue;
    if (attribute.length * 8u != range.bits) return false;
    is_local = attribute.type == IFA_LOCAL_;
    found = true;
    memcpy(range.bytes, value, attribute.length);
  }
  return !torn && found && add(range);
}

/* Of several hops, one that needs no gateway is enough. */
static bool direct_hop(const uint8_t *at, const uint8_t *end, bool *ret_torn) {
  while (end > at) {
    struct hop hop;
    struct attribute attribute;
    const uint8_t *value;
    bool by_gateway = false;
    *ret_torn = true;
    if ((size_t)(end - at) < sizeof hop) return false;
    memcpy(&hop, at, sizeof hop);
    if (hop.length < sizeof hop || hop.length > end - at) return false;
    *ret_torn = false;
    const uint8_t *inner = at + sizeof hop, *inner_end = at + hop.length;
    while (next_attribute(&inner, inner_end, &attribute, &value, ret_torn)) by_gateway |= attribute.type == RTA_GATEWAY_ || attribute.type == RTA_VIA_;
    if (*ret_torn || !by_gateway) return true;
    size_t step = (hop.length + 3u) & ~3u;
    at += step < (size_t)(end - at) ? step : (size_t)(end - at);
  }
  return false;
}

static bool take_route(const uint8_t *at, const uint8_t *end) {
  struct route head;
  struct attribute attribute;
  const uint8_t *value;
  bool torn = false, inner_torn = false, direct = true, found = false;
  if ((size_t)(end - at) < sizeof head) return false;
  memcpy(&head, at, sizeof head);
  if ((head.family != AF_INET && head.family != AF_INET6) || (head.type != UNICAST && head.type != LOCAL)) return true;
  if (head.to_bits == 0 || head.flags & CLONED) return true;
  struct range range = {.family = head.family, .bits = head.to_bits};
  for (at += sizeof head; next_attribute(&at, end, &attribute, &value, &torn);) {
    if (attribute.type == RTA_GATEWAY_ || attribute.type == RTA_VIA_) direct = false;
    if (attribute.type == RTA_MULTIPATH_) direct = direct_hop(value, value + attribute.length, &inner_torn);
    if (attribute.type != RTA_DST_) continue;
    if (attribute.length != (head.family == AF_INET ? 4 : 16)) return false;
    found = true;
    memcpy(range.bytes, value, attribute.length);
  }
  if (torn || inner_torn || !found) return false;
  return !direct || add(range);
}

/* Of an answer whose number is not the last question's nothing is believed but its content. */
static bool take_message(const struct header *header, const uint8_t *at, const uint8_t *end) {
  bool asked = header->sequence == sequence;
  if (asked && header->flags & TORN) lost = true;
  switch (header->type) {
    case ADDRESS_NEW: return take_address(at, end);
    case ROUTE_NEW: return take_route(at, end);
    case MSG_DONE: done |= asked; return true;
    case MSG_FAILURE: return !asked;
    default: return true; /* what went */
  }
}

static bool take_messages(const uint8_t *at, size_t left) {
  while (left > 0) {
    struct header header;
    if (left < sizeof header) return false;
    memcpy(&header, at, sizeof header);
    if (header.length < sizeof header || header.length > left) return false;
    if (!take_message(&header, at + sizeof header, at + header.length)) return false;
    size_t step = (header.length + 3u) & ~3u;
    if (step > left) step = left;
    at += step;
    left -= step;
  }
  return true;
}

enum received { NOTHING, SOME, BROKEN };

static enum received receive(int fd) {
  static _Alignas(8) uint8_t bytes[MESSAGES];
  struct { uint16_t family, pad; uint32_t pid, groups; } from;
  struct iovec part = {bytes, sizeof bytes};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1};
  ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT);
  if (n < 0 && errno == ENOBUFS) {
    lost = true;
    return SOME;
  }
  if (n < 0) return errno == EAGAIN || errno == EINTR ? NOTHING : BROKEN;
  if (message.msg_namelen != sizeof from || from.pid != 0) return SOME; /* none of the kernel's */
  if (message.msg_flags & MSG_TRUNC) return BROKEN;
  return take_messages(bytes, (size_t)n) ? SOME : BROKEN;
}

/* All addresses, or all routes, of both families. */
static bool ask(int fd, uint16_t type) {
  struct { struct header header; struct route route; } question = {{sizeof question, type, REQUEST | DUMP, ++sequence, 0}, {0}};
  done = false;
  if (send(fd, &question, sizeof question, 0) != sizeof question) return false;
  while (!done) {
    struct pollfd wait = {fd, POLLIN, 0};
    int ready = poll(&wait, 1, PATIENCE_MS);
    if (ready == 0 || (ready < 0 && errno != EINTR)) return false;
    if (receive(fd) == BROKEN) return false;
  }
  return true;
}

static bool ask_all(int fd) {
  for (int round = 0; round < ROUNDS; round++) {
    lost = false;
    if (!ask(fd, ADDRESS_GET) || !ask(fd, ROUTE_GET)) return false;
    if (!lost) return true;
  }
  return false;
}

static bool write_range(int fd, const struct range *range, const char *before, const char *after) {
  char text[INET6_ADDRSTRLEN], line[128];
  if (!inet_ntop(range->family, range->bytes, text, sizeof text)) return false;
  int length = snprintf(line, sizeof line, "%s%s/%u%s", before, text, range->bits, after);
  return length > 0 && (size_t)length < sizeof line && write_all(fd, line, (size_t)length) == 0;
}

/* One command for each set: nft joins ranges that overlap within a command, and with what the set holds (auto-merge). Single addresses go
 * into the sets of the machine's own, too, which count before what a policy opens of the LAN. */
static bool write_elements(int fd, uint8_t family, bool own) {
  const char *set = own ? "self" : "refused";
  char before[64];
  snprintf(before, sizeof before, "add element inet glovebox %s%d { ", set, family == AF_INET ? 4 : 6);
  bool any = false;
  for (size_t i = told; i < count; i++) {
    if (ranges[i].family != family || (own && !is_single(&ranges[i]))) continue;
    if (!write_range(fd, &ranges[i], any ? ", " : before, "")) return false;
    any = true;
  }
  return !any || write_all(fd, " }\n", 3) == 0;
}

static bool run_nft(const struct options *o, int pidfd, int script, int words) {
  int status;
  pid_t self = getpid(), child = fork();
  if (child < 0) return false;
  if (child == 0) {
    char *argv[] = {o->nft, "-f", "-", NULL};
    if (dup2(script, 0) < 0 || dup2(words, 1) < 0 || dup2(words, 2) < 0) _exit(EXIT_OURS);
    enter_gate(pidfd, self, argv);
  }
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return false;
  if (status != 0) pasta_words(words, said, sizeof said);
  return status == 0;
}

static bool add_elements(const struct options *o, int pidfd) {
  int script = (int)syscall(SYS_memfd_create, "elements", 1u /* MFD_CLOEXEC */), words = (int)syscall(SYS_memfd_create, "nft", 1u);
  bool ok = script >= 0 && words >= 0 && write_elements(script, AF_INET, false) && write_elements(script, AF_INET6, false) &&
            write_elements(script, AF_INET, true) && write_elements(script, AF_INET6, true) && lseek(script, 0, SEEK_SET) == 0 &&
            run_nft(o, pidfd, script, words);
  if (script >= 0) close(script);
  if (words >= 0) close(words);
  return ok;
}

/* The file first: whoever loads the rules anew looks into it again behind that (src/box/gate.ts). */
static bool tell(const struct options *o, int pidfd) {
  char rest[32];
  if (told == count) return true;
  for (size_t i = told; i < count; i++)
    if (!write_range(o->gate_refused, &ranges[i], "", "\n")) return false;
  if (!add_elements(o, pidfd)) return false;
  snprintf(rest, sizeof rest, ",\"ranges\":%zu", count - told);
  journal_write(o, "network-moved", rest);
  told = count;
  return true;
}

static bool read_line(char *line) {
  struct range range = {.family = strchr(line, ':') ? AF_INET6 : AF_INET};
  char *slash = strchr(line, '/'), *end;
  unsigned long bits = range.family == AF_INET ? 32 : 128;
  if (slash) {
    *slash = 0;
    bits = strtoul(slash + 1, &end, 10);
    if (slash[1] < '0' || slash[1] > '9' || *end || bits > 128) return false;
  }
  range.bits = (uint8_t)bits;
  return inet_pton(range.family, line, range.bytes) == 1 && add(range);
}

/* What the sets hold at the start, one range a line. */
static bool read_refused(int fd) {
  static char text[MOST_BYTES + 1];
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  if (n < 0 || (n > 0 && text[n - 1] != '\n') || n == sizeof text - 1) return false;
  text[n] = 0;
  for (char *rest = text, *line; (line = strsep(&rest, "\n")) && rest;)
    if (!read_line(line)) return false;
  told = count;
  return true;
}

/* Listens, and has all that is there by now in the gate's sets. The descriptor, or -1. */
int roam_open(const struct options *o, int pidfd) {
  struct { uint16_t family, pad; uint32_t pid, groups; } own = {AF_NETLINK, 0, 0, GROUPS};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE_);
  if (fd < 0) return -1;
  errno = 0;
  if (bind(fd, (struct sockaddr *)&own, sizeof own) == 0 && read_refused(o->gate_refused) && ask_all(fd) && tell(o, pidfd)) return fd;
  close(fd);
  return -1;
}

/* False: what came could not be taken into the rules. */
bool roam_step(const struct options *o, int fd, int pidfd) {
  enum received got = SOME;
  for (int i = 0; i < AT_ONCE && got == SOME; i++) got = receive(fd);
  if (got == BROKEN || (lost && !ask_all(fd))) return false;
  return tell(o, pidfd);
}

/* Why the last one failed, as far as it is known. */
const char *roam_words(void) { return said[0] ? said : errno ? strerror(errno) : "the kernel's answer is not understood"; }

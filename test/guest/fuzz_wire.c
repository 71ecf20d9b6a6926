/* Fuzzing of what a hostile guest or virtual machine monitor says: frames, the rings of the virtio console, and the
 * messages of vhost-user. `fuzz_wire COUNT SEED` makes COUNT inputs; the same seed makes the same ones.
 *
 * Claims, beside what ASan and UBSan look for (every buffer of the driver's lies in memory of its own here, so that an
 * address beside it is found):
 * - a frame that reaches the handler keeps the bounds of wire.h, and parsing does not depend on how reads cut it;
 * - the device ends with an answer or a refusal after a bounded number of steps, whatever the rings hold.
 */
#include "../../guest/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static uint64_t state;
static uint64_t next_random(void) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^= state << 17;
}
static uint64_t below(uint64_t most) { return next_random() % most; }

static void claim(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "broken claim: %s\n", what);
  abort();
}

struct seen { uint64_t digest; size_t frames; };

static bool handle(void *context, const struct wire_header *h, const unsigned char *payload) {
  struct seen *seen = context;
  claim(h->length <= WIRE_PAYLOAD_MAX && h->session <= WIRE_SESSIONS && h->stream <= 2, "a frame keeps its bounds");
  for (uint32_t i = 0; i < h->length; i++) seen->digest = seen->digest * 31 + payload[i];
  seen->digest = seen->digest * 31 + h->kind;
  seen->frames++;
  return h->kind != 0xff;
}

/* Mostly well formed frames, as random bytes alone end at the first header. */
static size_t make_frames(unsigned char *ret, size_t size) {
  size_t length = 0;
  for (uint64_t count = below(8); count > 0; count--) {
    struct wire_header h = {(uint32_t)below(300), (uint16_t)below(WIRE_SESSIONS + 1), (uint8_t)below(10), (uint8_t)below(3)};
    if (length + sizeof h + h.length > size) break;
    memcpy(ret + length, &h, sizeof h);
    length += sizeof h;
    for (uint32_t i = 0; i < h.length; i++) ret[length++] = (unsigned char)next_random();
  }
  for (uint64_t count = below(4) ? 0 : below(6); count > 0 && length > 0; count--) ret[below(length)] = (unsigned char)next_random();
  return length;
}

static size_t fuzz_frames(void) {
  static unsigned char bytes[8192];
  static struct wire whole, cut;
  size_t length = make_frames(bytes, sizeof bytes);
  struct seen first = {0, 0}, second = {0, 0};
  whole.have = cut.have = 0;
  bool ended = wire_feed(&whole, bytes, length, handle, &first), cut_ended = true;
  for (size_t at = 0; at < length && cut_ended;) {
    size_t part = 1 + below(64);
    if (part > length - at) part = length - at;
    cut_ended = wire_feed(&cut, bytes + at, part, handle, &second);
    at += part;
  }
  claim(ended == cut_ended && first.digest == second.digest && first.frames == second.frames, "cuts change nothing");
  return first.frames;
}

/* One region of guest memory with four queues in it, filled with what a driver would write, then spoiled. */
enum { QUEUE_SIZE = 16, MEMORY = 65536, QUEUE_BYTES = 4096 };
static const uint64_t GUEST = 0x100000, USER = 0x7f0000000000;

static void fill_queue(unsigned char *memory, int queue) {
  unsigned char *base = memory + queue * QUEUE_BYTES;
  for (int i = 0; i < QUEUE_SIZE; i++) {
    struct { uint64_t address; uint32_t length; uint16_t flags, next; } d = {
        GUEST + 32768 + below(16384), (uint32_t)below(4096), (uint16_t)(below(100) ? (queue % 2 ? 0 : 2) : below(4)), (uint16_t)below(QUEUE_SIZE)};
    memcpy(base + 16 * i, &d, sizeof d);
  }
  uint16_t *avail = (uint16_t *)(base + 1024), *used = (uint16_t *)(base + 2048);
  memset(avail, 0, 512);
  memset(used, 0, 512);
  avail[1] = (uint16_t)below(QUEUE_SIZE + 1);
  for (int i = 0; i < QUEUE_SIZE; i++) avail[2 + i] = (uint16_t)below(QUEUE_SIZE + (below(200) == 0));
}

static size_t fuzz_rings(void) {
  unsigned char *memory = malloc(MEMORY); /* of this very size, so that ASan sees one byte beyond it */
  static struct wire wire;
  struct link link;
  struct seen seen = {0, 0};
  if (!memory) abort();
  if (!wire.out.bytes) wire.out = (struct ring){malloc(WIRE_OUT), WIRE_OUT, 0, 0};
  wire.have = 0;
  link_init(&link, LINK_VHOST);
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || !link_connect(&link, pair[0])) abort();
  for (size_t i = 32768; i < MEMORY; i++) memory[i] = (unsigned char)(below(20000) ? 0 : below(4));
  link.vhost.regions[0] = (struct vhost_region){GUEST, USER, MEMORY, memory, NULL, 0};
  link.vhost.region_count = 1;
  for (int i = 0; i < VHOST_QUEUES; i++) {
    uint64_t at = USER + (uint64_t)i * QUEUE_BYTES;
    fill_queue(memory, i);
    link.vhost.queues[i] = (struct vhost_queue){QUEUE_SIZE, at, at + 1024, at + 2048, 0, -1, -1, true};
    if (below(50) == 0) link.vhost.queues[i].used_user += 4 * below(1u << 20);
    if (below(50) == 0) link.vhost.queues[i].desc_user = next_random() & ~3ull;
  }
  for (uint64_t i = below(3) ? 0 : below(64); i > 0; i--) memory[below(4 * QUEUE_BYTES)] = (unsigned char)next_random();
  struct wire_header some = {0, 1, WIRE_DATA, 0};
  if (ring_free(&wire.out) > 4096) ring_put(&wire.out, &some, sizeof some);
  bool alive = link_pump(&link, &wire, NULL, 0, handle, &seen);
  if (link.fd >= 0) close(link.fd);
  close(pair[1]);
  free(link.control.bytes);
  free(memory);
  return alive;
}

static size_t fuzz_messages(void) {
  struct vhost vhost = {0};
  int pair[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int i = 0; i < VHOST_QUEUES; i++) vhost.queues[i].kick = vhost.queues[i].call = -1;
  if (null < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0) abort();
  vhost.fd = pair[0];
  uint32_t message[3 + 128];
  for (size_t i = 0; i < sizeof message / sizeof *message; i++) message[i] = (uint32_t)(below(2) ? below(8) : next_random());
  message[0] = (uint32_t)below(26);
  message[1] = 1 | (uint32_t)below(2) << 3;
  message[2] = (uint32_t)below(600);
  union { struct cmsghdr align; char bytes[CMSG_SPACE(4 * sizeof(int))]; } control = {0};
  size_t length = 12 + (message[2] < 512 ? message[2] : 512), fds = below(5);
  struct iovec part = {message, length};
  struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
  if (fds > 0) {
    msg.msg_control = control.bytes;
    msg.msg_controllen = CMSG_SPACE(fds * sizeof(int));
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(fds * sizeof(int));
    for (size_t i = 0; i < fds; i++) memcpy(CMSG_DATA(c) + i * sizeof(int), &null, sizeof(int));
  }
  if (sendmsg(pair[1], &msg, 0) < 0) abort();
  shutdown(pair[1], SHUT_WR);
  bool answered = vhost_message(&vhost);
  for (int i = 0; i < VHOST_QUEUES; i++) {
    if (vhost.queues[i].kick >= 0) close(vhost.queues[i].kick);
    if (vhost.queues[i].call >= 0) close(vhost.queues[i].call);
  }
  close(pair[0]);
  close(pair[1]);
  close(null);
  return answered;
}

int main(int argc, char **argv) {
  size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, frames = 0, alive = 0, answered = 0;
  state = argc > 2 ? strtoull(argv[2], NULL, 10) * 0x9e3779b97f4a7c15 + 1 : 1;
  int before = open("/dev/null", O_RDONLY);
  for (size_t i = 0; i < count; i++) {
    frames += fuzz_frames();
    alive += fuzz_rings();
    answered += fuzz_messages();
  }
  int after = open("/dev/null", O_RDONLY);
  claim(after == before + 1, "no descriptor is left open");
  printf("%zu inputs, %zu frames, %zu rings that were in order, %zu messages answered\n", count, frames, alive, answered);
  return 0;
}

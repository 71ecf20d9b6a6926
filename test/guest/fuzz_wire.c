/* Fuzzing of what a hostile guest or virtual machine monitor says: frames, the rings of the virtio console, and the
 * messages of vhost-user. `fuzz_wire COUNT SEED` makes COUNT inputs; the same seed makes the same ones.
 *
 * Claims, beside what ASan and UBSan look for (every buffer of the driver's lies in memory of its own here, so that an
 * address beside it is found):
 * - a frame that reaches the handler keeps the bounds of wire.h, and parsing does not depend on how reads cut it;
 * - the device ends with an answer or a refusal after a bounded number of steps, whatever the rings hold;
 * - the monitor's end of a session keeps to its window and its bounds, whatever the guest says in whatever order;
 * - the guest's end takes a document of its identity whole or not at all, and reads nothing beside it.
 */
#include "../../guest/guest.h"
#include "../../guest/link.h"
#include "../../guest/monitor.h"
#include "../../guest/serve.h"
#include "../support/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* A session of the monitor with a guest that says anything in any order; its command's reader is a pipe that fills up. */
static size_t fuzz_session(void) {
  static struct wire wire;
  static unsigned char payload[WIRE_PAYLOAD_MAX];
  if (!wire.out.bytes) wire.out = (struct ring){malloc(WIRE_OUT), WIRE_OUT, 0, 0};
  wire.out.head = wire.out.tail;
  int out[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0 || pipe2(out, O_NONBLOCK | O_CLOEXEC) < 0) abort();
  struct session s = {.open = true, .exit_code = -1, .control = -1, .in = {.fd = null, .stream = 0, .credit = WIRE_WINDOW},
                      .out = {.fd = below(8) ? out[1] : -1, .stream = 1}, .err = {.fd = -1, .stream = 2}};
  if (s.out.fd < 0) close(out[1]);
  s.command_length = 1 + below(WIRE_OPEN_MAX);
  if (below(2) && (s.command = malloc(s.command_length))) memset(s.command, 'x', s.command_length);
  size_t taken = 0;
  bool flood = below(8) == 0; /* more than a pipe and a window can hold */
  for (uint64_t steps = flood ? 40 : below(40); steps > 0; steps--) {
    struct wire_header h = {(uint32_t)(below(3) ? below(16) : below(WIRE_PAYLOAD_MAX + 1)), 1, (uint8_t)below(11), (uint8_t)below(3)};
    if (flood || below(2)) h.kind = WIRE_DATA, h.stream = 1;
    if (flood) h.length = (uint32_t)(WIRE_PAYLOAD_MAX - below(64));
    for (size_t i = 0; i < 8; i++) payload[i] = (unsigned char)(below(2) ? 0 : next_random());
    if (h.kind == WIRE_CREDIT && below(2)) h.length = 4;
    if (!session_take(&s, &h, payload)) break;
    taken++;
    session_announce(&s, &wire, 1);
    if (below(2)) sink_pump(&s.out, &wire, 1);
    if (below(2)) sink_pump(&s.err, &wire, 1);
    if (below(16) == 0) wire.out.head = wire.out.tail;
    claim(s.in.credit <= WIRE_WINDOW, "a guest gives no more credit than there is");
    claim(ring_used(&s.out.ring) <= WIRE_WINDOW && ring_used(&s.err.ring) <= WIRE_WINDOW, "no more than a window is held");
    claim(ring_used(&wire.out) <= WIRE_OUT && s.announced <= s.command_length, "what is sent has its bound");
  }
  session_end(&s);
  close(out[0]);
  return taken;
}

/* Pairs of strings, mostly; it lies at the end of memory of its own. */
static size_t fuzz_setup(void) {
  static const char *const names[] = {"hostname", "hosts", "resolv.conf", "machine-id", "home", "uid", "shared", "time", "kept", "seed", "other"};
  char text[1024];
  size_t length = 0;
  for (uint64_t count = below(6); count > 0; count--) {
    const char *name = names[below(below(4) ? 10 : 11)];
    memcpy(text + length, name, strlen(name) + 1);
    length += strlen(name) + 1;
    for (uint64_t digits = below(90); digits > 0; digits--) text[length++] = (char)(below(20) ? '0' + below(10) : 'a' + below(8));
    text[length++] = 0;
  }
  if (length > 0 && below(3) == 0) text[below(length)] = (char)below(256);
  if (length > 0 && below(8) == 0) length = below(length);
  char *copy = malloc(length ? length : 1);
  if (!copy) abort();
  memcpy(copy, text, length);
  struct setup setup;
  bool well = setup_parse(&setup, copy, length);
  const char *strings[] = {setup.hostname, setup.hosts, setup.resolv_conf, setup.machine_id};
  size_t sum = 0;
  for (size_t i = 0; well && i < 4; i++) sum += strlen(strings[i]);
  claim(sum <= 4 * sizeof text, "its strings end");
  free(copy);
  return well;
}

int main(int argc, char **argv) {
  size_t sessions = 0, setups = 0;
  size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, frames = 0, alive = 0, answered = 0;
  state = argc > 2 ? strtoull(argv[2], NULL, 10) * 0x9e3779b97f4a7c15 + 1 : 1;
  int before = open("/dev/null", O_RDONLY);
  for (size_t i = 0; i < count; i++) {
    frames += fuzz_frames();
    alive += fuzz_rings();
    answered += fuzz_messages();
    sessions += fuzz_session();
    setups += fuzz_setup();
  }
  int after = open("/dev/null", O_RDONLY);
  claim(after == before + 1, "no descriptor is left open");
  printf("%zu inputs, %zu frames, %zu rings that were in order, %zu messages answered, %zu frames of sessions, %zu identities\n", count, frames, alive, answered,
         sessions, setups);
  return 0;
}

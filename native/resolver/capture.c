/* glovebox-resolver capture: every frame of one interface, as a pcapng file. docs/decisions/020-flow-log.md has its contract.
 *
 * Theory of operation. A packet socket of the kernel's hands over the frames; each becomes an Enhanced Packet Block
 * (draft-ietf-opsawg-pcapng, 4.3). At the end, on SIGTERM, an Interface Statistics Block says how many frames there were and how
 * many are missing: those that found the socket's buffer full (packet(7), PACKET_STATISTICS) and those beyond the file's bound, as
 * a box must not fill a disk. The frames are hostile and only ever copied. */
#include "flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAME_MAX = 65536 + 256, BUFFER = 4 * FRAME_MAX, LINK_ETHERNET = 1, OPTION_RESOLUTION = 9, STATISTICS_RECEIVED = 4, STATISTICS_DROPPED = 5 };
enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, STATISTICS = 5, PACKET = 6, ALL_PROTOCOLS = 0x0003, NANOSECONDS = 9 };

static struct { int file, socket, ready, receive_bytes; uint64_t most, written, beyond; struct options ids; const char *interface; } state = {
    .ready = -1,
    .file = -1, .receive_bytes = 8 << 20, .most = 1ull << 30, .ids = {.uid = -1, .gid = -1}};
static struct { size_t used; uint8_t bytes[BUFFER]; } out;

static int fail(const char *what) {
  fprintf(stderr, "glovebox-resolver capture: cannot %s: %s\n", what, strerror(errno));
  return EXIT_OURS;
}

static bool parse(int argc, char **argv) {
  for (int i = 2; i < argc; i += 2) {
    if (i + 1 < argc && !strcmp(argv[i], "--interface")) {
      state.interface = argv[i + 1];
      continue;
    }
    char *end = NULL;
    long long number = i + 1 < argc ? strtoll(argv[i + 1], &end, 10) : -1;
    if (!end || *end || end == argv[i + 1] || number < 0) return false;
    if (!strcmp(argv[i], "--fd")) state.file = (int)number;
    else if (!strcmp(argv[i], "--max-bytes")) state.most = (uint64_t)number;
    else if (!strcmp(argv[i], "--receive-bytes") && number <= 1 << 30) state.receive_bytes = (int)number;
    else if (!strcmp(argv[i], "--ready-fd")) state.ready = (int)number;
    else if (!strcmp(argv[i], "--uid")) state.ids.uid = number;
    else if (!strcmp(argv[i], "--gid")) state.ids.gid = number;
    else return false;
  }
  return state.file >= 0 && state.interface;
}

static bool flush(void) {
  for (size_t at = 0; at < out.used;) {
    ssize_t written = write(state.file, out.bytes + at, out.used - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    at += (size_t)written;
  }
  out.used = 0;
  return true;
}

/* Numbers stand in the machine's own order, which the section's first block tells. */
static void put(const void *bytes, size_t length) {
  memcpy(out.bytes + out.used, bytes, length);
  out.used += length;
}
static void put_word(uint32_t word) { put(&word, sizeof word); }
static void put_halves(uint16_t first, uint16_t second) { put((uint16_t[]){first, second}, 4); }
static size_t begin_block(uint32_t type) {
  size_t at = out.used;
  put_word(type);
  put_word(0);
  return at;
}
static void end_block(size_t at) {
  while (out.used % 4) out.bytes[out.used++] = 0;
  uint32_t length = (uint32_t)(out.used + 4 - at);
  put_word(length);
  memcpy(out.bytes + at + 4, &length, sizeof length);
  state.written += length;
}

static bool begin_file(void) {
  size_t section = begin_block(SECTION);
  put_word(0x1a2b3c4d);
  put_halves(1, 0);
  put((int64_t[]){-1}, 8);
  end_block(section);
  size_t interface = begin_block(INTERFACE);
  put_halves(LINK_ETHERNET, 0);
  put_word(FRAME_MAX);
  put_halves(OPTION_RESOLUTION, 1);
  put((uint8_t[4]){NANOSECONDS}, 4);
  put_word(0);
  end_block(interface);
  return flush();
}

static void put_time(const struct timespec *when) {
  uint64_t ns = (uint64_t)when->tv_sec * 1000000000u + (uint64_t)when->tv_nsec;
  put_word((uint32_t)(ns >> 32));
  put_word((uint32_t)ns);
}

/* A frame and when it came, as the kernel has it: it may have waited here for long. Returns its length on the wire, -1 for none. */
static ssize_t receive(uint8_t *frame, struct timespec *ret_when) {
  union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof *ret_when)]; } control;
  struct iovec part = {frame, FRAME_MAX};
  struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
  ssize_t got = recvmsg(state.socket, &msg, MSG_DONTWAIT | MSG_TRUNC);
  if (got < 0) return -1;
  clock_gettime(CLOCK_REALTIME, ret_when);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) memcpy(ret_when, CMSG_DATA(c), sizeof *ret_when);
  return got;
}

/* Reads what waits; false where the file cannot be written any more. */
static bool drain(void) {
  static uint8_t frame[FRAME_MAX];
  struct timespec when;
  for (ssize_t got; (got = receive(frame, &when)) >= 0;) {
    uint32_t kept = got > FRAME_MAX ? FRAME_MAX : (uint32_t)got;
    if (state.written + kept + 64 > state.most) {
      state.beyond++;
      continue;
    }
    if (out.used + kept + 64 > sizeof out.bytes && !flush()) return false;
    size_t block = begin_block(PACKET);
    put_word(0);
    put_time(&when);
    put_word(kept);
    put_word((uint32_t)got);
    put(frame, kept);
    end_block(block);
  }
  return flush();
}

/* From now on no frame comes: one that came between the last read and the count would be in neither. */
static bool close_tap(void) {
  struct { uint16_t code; uint8_t yes, no; uint32_t k; } nothing = {0x06 /* BPF_RET */, 0, 0, 0};
  struct { unsigned short length; void *code; } filter = {1, &nothing};
  return setsockopt(state.socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0;
}

static int finish(void) {
  struct { uint32_t packets, drops; } counted = {0, 0};
  socklen_t length = sizeof counted;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  bool whole = close_tap() && drain() && getsockopt(state.socket, SOL_PACKET, PACKET_STATISTICS, &counted, &length) == 0;
  size_t block = begin_block(STATISTICS);
  put_word(0);
  put_time(&now);
  put_halves(STATISTICS_RECEIVED, 8);
  put((uint64_t[]){counted.packets}, 8);
  put_halves(STATISTICS_DROPPED, 8);
  put((uint64_t[]){counted.drops + state.beyond}, 8);
  put_word(0);
  end_block(block);
  return whole && flush() ? 0 : fail("write the file to its end");
}

static int open_socket(void) {
  struct sockaddr_ll at = {.sll_family = AF_PACKET, .sll_protocol = htons(ALL_PROTOCOLS), .sll_ifindex = (int)if_nametoindex(state.interface)};
  socklen_t length = sizeof at;
  int fd = at.sll_ifindex ? socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) : -1;
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){1}, sizeof(int));
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &state.receive_bytes, sizeof state.receive_bytes);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && getsockname(fd, (struct sockaddr *)&at, &length) == 0) {
    if (at.sll_hatype == ARPHRD_ETHER || at.sll_hatype == ARPHRD_LOOPBACK) return fd;
    errno = EPROTOTYPE; /* frames of another kind than the file says */
  }
  return -1;
}

static int run(int epoll_fd) {
  for (struct epoll_event event;;) {
    if (epoll_wait(epoll_fd, &event, 1, -1) < 0) {
      if (errno == EINTR) continue;
      return EXIT_OURS;
    }
    if (event.data.u64) return finish();
    if (!drain()) return fail("write the file");
  }
}

int capture_main(int argc, char **argv) {
  pid_t parent = getppid();
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  if (!parse(argc, argv)) return fprintf(stderr, "usage: glovebox-resolver capture --fd N --interface NAME [--max-bytes N] [--receive-bytes N] [--uid N] [--gid N]\n"), EXIT_USAGE;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0) return fail("prepare its own end");
  signal(SIGPIPE, SIG_IGN);
  int epoll_fd = epoll_create1(EPOLL_CLOEXEC), signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if ((state.socket = open_socket()) < 0) return fail("listen to the interface");
  if (epoll_fd < 0 || signals < 0 || !loop_watch(epoll_fd, signals, EPOLLIN, 1, false) || !loop_watch(epoll_fd, state.socket, EPOLLIN, 0, false))
    return fail("wait for frames");
  if (!sandbox_drop(&state.ids)) return fail("give up its rights");
  if (getppid() != parent) return EXIT_OURS;
  if (!sandbox_filter(NULL)) return fail("give up system calls");
  if (!begin_file()) return fail("write the file");
  ready_tell(state.ready);
  return run(epoll_fd);
}

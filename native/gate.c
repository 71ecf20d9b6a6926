/* The gate: the network namespace between a box and the world, which holds the firewall, the box's resolver and the log of its flows.
 *
 * Theory of operation. The holder is born in the gate's namespace; the box gets another one, made behind the lock of the mounts
 * (namespace.c), so whoever breaks the runtime has no power over the gate. Between the two is a veth, or, for a virtual machine, a
 * tap. Everything of the box is forwarded here, gVisor's raw frames and a guest's root included, so one set of rules holds for all.
 *
 * Two processes. The anchor has no capability: it names the namespaces to whoever joins them (pasta may look at no process that
 * can do more than itself, ptrace(2)), and waits for the link outward. The keeper loads the rules first, before anything could pass,
 * joins the namespaces, starts the programs, and ends when one of them does: then the holder tells the supervisor, which ends pasta. */
#include "holder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* musl brings no headers of the kernel's: linux/{capability,if_tun,netlink,rtnetlink}.h. */
enum { NETLINK_ROUTE_ = 0, ROUTE_NEW = 24, ROUTE_GET = 26, ATTRIBUTE_GATEWAY = 5, REQUEST = 1, DUMP = 0x300, GROUP_ROUTE4 = 0x40, GROUP_ROUTE6 = 0x400 };
enum { TAP_FRAMES = 0x0002 | 0x1000, TUN_PACKETS = 0x0001 | 0x1000, LAST_MS = 12000, CAP_KILL_ONLY = 1 << 5, TOOL_WORDS = 1500, LINKS_MAX = 1024 };
#define SET_INTERFACE 0x400454caul /* TUNSETIFF: _IOW('T', 202, int) */
struct cap_header { uint32_t version; int pid; };
struct cap_data { uint32_t effective, permitted, inheritable; };
struct netlink_header { uint32_t length; uint16_t type, flags; uint32_t sequence, pid; };
struct route { uint8_t family, to_bits, from_bits, tos, table, protocol, scope, type; uint32_t flags; };

static void keep_capabilities(uint32_t kept) {
  struct cap_header header = {0x20080522, 0};
  struct cap_data data[2] = {{kept, kept, 0}, {0, 0, 0}};
  if (syscall(SYS_capset, &header, data) < 0) die("Cannot give up the gate's capabilities: %s.", strerror(errno));
}

/* A tool of the host's, with `input` as its standard input. Its words end up in the error. */
static void run_tool(const struct options *o, const char *what, char *const argv[], int input) {
  int words[2], status = 0;
  char text[TOOL_WORDS + 1];
  size_t used = 0;
  if (pipe2(words, O_CLOEXEC) < 0) die("Cannot make a pipe for %s: %s.", argv[0], strerror(errno));
  pid_t child = fork();
  if (child < 0) die("Cannot fork for %s: %s.", argv[0], strerror(errno));
  if (child == 0) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(input, 0) < 0 || dup2(words[1], 1) < 0 || dup2(words[1], 2) < 0) _exit(126);
    execve(argv[0], argv, (char *const *)(uintptr_t)o->env);
    dprintf(2, "%s", errno == ENOENT ? "it is not installed" : strerror(errno));
    _exit(127);
  }
  close(words[1]);
  for (ssize_t n; (n = read(words[0], text + used, TOOL_WORDS - used)) != 0 && used < TOOL_WORDS;)
    if (n > 0) used += (size_t)n;
    else if (errno != EINTR) break;
  close(words[0]);
  text[used] = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (status != 0) die("Cannot %s: %s said: %s", what, argv[0], used ? text : "nothing");
}

static int text_file(const char *text) {
  int fd = (int)syscall(SYS_memfd_create, "words", 1u /* MFD_CLOEXEC */);
  if (fd < 0 || write_all(fd, text, strlen(text)) < 0 || lseek(fd, 0, SEEK_SET) < 0) die("Cannot write a tool's words: %s.", strerror(errno));
  return fd;
}

/* One script after the other, with a form feed between them: all of one is a message to the kernel, which has a bound (src/network/pieces.ts). */
static void load_rules(const struct options *o) {
  struct stat st;
  ssize_t got = 0;
  if (fstat(o->gate_rules, &st) < 0) die("Cannot read the rules of the box's firewall: %s.", strerror(errno));
  const size_t size = (size_t)st.st_size;
  char *text = mmap(NULL, size + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *rest = text, *script;
  if (text == MAP_FAILED) die("Cannot read the rules of the box's firewall: %s.", strerror(errno));
  for (size_t at = 0; at < size; at += (size_t)got)
    if ((got = read(o->gate_rules, text + at, size - at)) <= 0) die("Cannot read the rules of the box's firewall: %s.", got < 0 ? strerror(errno) : "they are cut");
  while ((script = strsep(&rest, "\f")) != NULL) {
    int fd = text_file(script);
    run_tool(o, "load the box's firewall", (char *[]){o->nft, "-f", "-", NULL}, fd);
    close(fd);
  }
  munmap(text, size + 1);
}

static void set_links(const struct options *o, const char *what, const char *batch) {
  int fd = text_file(batch);
  run_tool(o, what, (char *[]){o->ip, "-batch", "-", NULL}, fd);
  close(fd);
}

/* Of the namespace that this process is in: network_namespaces(7). */
static void apply_settings(const struct setting *settings, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char path[256];
    snprintf(path, sizeof path, "/proc/sys/%s", settings[i].name);
    if (write_file(path, settings[i].value) < 0 && errno != ENOENT) die("Cannot set %s: %s.", path, strerror(errno));
  }
}

/* A port for frames or packets: of a virtual machine, or of a network of boxes. Whoever has the descriptor needs no capability. */
static int open_port(const char *name, short flags) {
  struct { char name[16]; short flags; char rest[22]; } request = {.flags = flags};
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) die("Cannot open /dev/net/tun: %s. Ask glovebox doctor.", strerror(errno));
  snprintf(request.name, sizeof request.name, "%s", name);
  if (ioctl(fd, SET_INTERFACE, &request) < 0) die("Cannot make the interface %s: %s.", name, strerror(errno));
  return fd;
}

/* Routes that go through a gateway, of the families that were asked for: pasta sets them last. */
static bool has_default(int fd, unsigned char *families) {
  static union { struct netlink_header align; char bytes[32768]; } buffer;
  ssize_t n = recv(fd, buffer.bytes, sizeof buffer, 0);
  if (n < 0 && errno != EINTR && errno != ENOBUFS) die("Cannot watch the gate's routes: %s.", strerror(errno));
  for (size_t at = 0; n > 0 && at + sizeof(struct netlink_header) + sizeof(struct route) <= (size_t)n;) {
    struct netlink_header header;
    struct route route;
    memcpy(&header, buffer.bytes + at, sizeof header);
    memcpy(&route, buffer.bytes + at + sizeof header, sizeof route);
    if (header.length < sizeof header || header.length > (size_t)n - at) break;
    if (header.type == ROUTE_NEW && route.to_bits == 0 && route.type == 1 /* RTN_UNICAST */)
      *families &= (unsigned char)~(route.family == AF_INET ? FAMILY_4 : FAMILY_6);
    at += (header.length + 3u) & ~3u;
  }
  return *families == 0;
}

static void wait_for_routes(unsigned char families) {
  struct { struct netlink_header header; struct route route; } ask = {{sizeof ask, ROUTE_GET, REQUEST | DUMP, 1, 0}, {0}};
  struct { uint16_t family, pad; uint32_t pid, groups; } own = {AF_NETLINK, 0, 0, GROUP_ROUTE4 | GROUP_ROUTE6};
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE_);
  if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) < 0 || send(fd, &ask, sizeof ask, 0) < 0) die("Cannot watch the gate's routes: %s.", strerror(errno));
  while (!has_default(fd, &families)) continue;
  close(fd);
}

static _Noreturn void anchor(const struct options *o, int control, int ready) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  keep_capabilities(0);
  if (message_send(control, MSG_GATE, 0, NULL, 0, NULL, 0) < 0) _exit(EXIT_OURS);
  wait_for_routes(o->gate_families);
  if (write(ready, "", 1) != 1) _exit(EXIT_OURS);
  close(ready);
  for (;;) pause();
}

/* Its files are 3, 4 …, and behind them the pipe on which it says that it is ready. */
static pid_t start_program(const struct gate_program *p) {
  int ready[2], at = 3;
  char said, *argv[GATE_WORDS + 2] = {"glovebox-resolver"};
  if (pipe2(ready, O_CLOEXEC) < 0) die("Cannot make a pipe for the gate: %s.", strerror(errno));
  for (int i = 0; i < p->word_count; i++) argv[i + 1] = p->words[i];
  pid_t child = fork();
  if (child < 0) die("Cannot fork for the gate: %s.", strerror(errno));
  if (child == 0) {
    int moved[GATE_FILES + 2];
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int program = fcntl(p->program, F_DUPFD_CLOEXEC, 64);
    for (int i = 0; i < p->file_count; i++) moved[i] = fcntl(p->files[i], F_DUPFD_CLOEXEC, 64);
    moved[p->file_count] = fcntl(ready[1], F_DUPFD_CLOEXEC, 64);
    for (int i = 0; i <= p->file_count; i++)
      if (moved[i] < 0 || dup2(moved[i], at++) < 0) _exit(126);
    syscall(SYS_execveat, program, "", argv, (char *[]){NULL}, 0x1000 /* AT_EMPTY_PATH */);
    _exit(127);
  }
  close(ready[1]);
  if (read(ready[0], &said, 1) != 1) die("Cannot start the gate's %s: it ended at once.", p->words[0][0] == '-' ? "resolver" : p->words[0]);
  close(ready[0]);
  return child;
}

struct children { pid_t anchor, programs[GATE_PROGRAMS]; size_t count; };

static void end_programs(const struct children *c) {
  for (size_t i = 0; i < c->count; i++) kill(c->programs[i], SIGTERM);
  alarm(LAST_MS / 1000); /* whoever does not end by then is ended with the holder */
  for (size_t i = 0; i < c->count; i++) waitpid(c->programs[i], NULL, 0);
  _exit(0);
}

/* SIGTERM: the box has ended. SIGHUP: the resolver, which is the first, reads its policy anew. */
static _Noreturn void keep(const struct children *c) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGCHLD);
  for (int signal;;) {
    if (sigwait(&set, &signal) != 0) continue;
    if (signal == SIGTERM) {
      sigemptyset(&set);
      sigprocmask(SIG_SETMASK, &set, NULL);
      end_programs(c);
    }
    if (signal == SIGHUP && c->count > 0) kill(c->programs[0], SIGHUP);
    if (signal == SIGCHLD && waitpid(-1, NULL, WNOHANG) > 0) _exit(EXIT_OURS);
  }
}

static void connect_joined(const struct options *o, unsigned number) {
  char links[LINKS_MAX];
  join_links(o, number, links, sizeof links);
  set_links(o, "connect the box with its network of boxes", links);
}

static _Noreturn void keeper(const struct options *o, int control, unsigned number, int box, int ready) {
  static struct children children;
  char byte;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGHUP);
  sigaddset(&blocked, SIGCHLD);
  sigprocmask(SIG_SETMASK, &blocked, NULL);
  load_rules(o);
  apply_settings(o->settings, o->setting_count);
  namespace_loopback_up();
  int linked[2];
  if (pipe2(linked, O_CLOEXEC) < 0) die("Cannot make a pipe for the gate: %s.", strerror(errno));
  children.anchor = fork();
  if (children.anchor < 0) die("Cannot fork for the gate: %s.", strerror(errno));
  if (children.anchor == 0) anchor(o, control, linked[1]);
  close(linked[1]);
  if (read(box, &byte, 1) != 1) _exit(EXIT_OURS);
  set_links(o, "connect the box with its gate", o->gate_links);
  if (number > 0) connect_joined(o, number);
  if (write(ready, "", 1) != 1) _exit(EXIT_OURS);
  for (size_t i = 0; i < o->gate_program_count; i++) {
    children.programs[i] = start_program(&o->gate_programs[i]);
    children.count = i + 1;
  }
  if (read(linked[0], &byte, 1) != 1) die("Cannot connect the box's gate outward.");
  keep_capabilities(CAP_KILL_ONLY); /* the programs have other ids */
  if (message_send(control, MSG_GATE, 1, NULL, 0, NULL, 0) < 0 || write(ready, "", 1) != 1) _exit(EXIT_OURS);
  keep(&children);
}

static void close_files(const struct options *o) {
  close(o->gate_rules);
  for (size_t i = 0; i < o->gate_program_count; i++) {
    const struct gate_program *p = &o->gate_programs[i];
    close(p->program);
    for (int file = 0; file < p->file_count; file++) close(p->files[file]);
  }
}

void gate_close_files(const struct options *o) {
  if (o->gate_rules >= 0) close_files(o);
}

/* While the host's devices are there. */
void gate_open(const struct options *o, unsigned number, struct gate *ret) {
  *ret = (struct gate){.tap = o->gate_tap ? open_port(o->gate_tap, TAP_FRAMES) : -1, .number = number};
  if (number > 0) join_fill(open_port(o->join_interface, TUN_PACKETS), o->join_files[JOIN_TUN]);
}

/* Still in the gate's namespaces, and with the host's programs in their places already. */
void gate_start(const struct options *o, int control, struct gate *gate) {
  int box[2], ready[2];
  if (o->gate_rules < 0) return;
  if (pipe2(box, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0) die("Cannot make a pipe for the gate: %s.", strerror(errno));
  gate->keeper = fork();
  if (gate->keeper < 0) die("Cannot fork for the gate: %s.", strerror(errno));
  if (gate->keeper == 0) {
    close(box[1]);
    close(ready[0]);
    if (gate->tap >= 0) close(gate->tap);
    keeper(o, control, gate->number, box[0], ready[1]);
  }
  close(box[0]);
  close(ready[1]);
  gate->box = box[1];
  gate->ready = ready[0];
  close_files(o);
}

static void expect(int fd) {
  char byte;
  ssize_t n;
  do n = read(fd, &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1) _exit(EXIT_OURS); /* the gate has said why */
}

/* The box's own namespace is this process' by now. It returns when the box can send. */
void gate_connect(const struct options *o, struct gate *gate) {
  if (gate->keeper == 0) return;
  if (write(gate->box, "", 1) != 1) _exit(EXIT_OURS);
  expect(gate->ready);
  apply_settings(o->box_settings, o->box_setting_count);
  if (o->box_links) set_links(o, "set up the box's network", o->box_links);
  expect(gate->ready);
  close(gate->box);
  close(gate->ready);
}

/* The logs are whole when this returns. */
void gate_end(const struct gate *gate) {
  if (gate->keeper <= 0) return;
  kill(gate->keeper, SIGTERM);
  while (waitpid(gate->keeper, NULL, 0) < 0 && errno == EINTR) continue;
}

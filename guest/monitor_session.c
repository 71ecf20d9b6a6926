/* One command of the guest as it looks from the jail: its streams, its signals, its terminal's size, its end. */
#include "guest.h"
#include "handover.h"
#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;

static bool add_string(unsigned char *ret, size_t size, size_t *length, const char *text) {
  size_t more = strlen(text) + 1;
  if (more > size - *length) return false;
  memcpy(ret + *length, text, more);
  *length += more;
  return true;
}

size_t command_document(const struct wire_command *fixed, const char *folder, char **arguments, char **variables,
                        unsigned char *ret, size_t size) {
  struct wire_command c = *fixed;
  size_t length = sizeof c;
  c.argument_count = c.variable_count = 0;
  if (!add_string(ret, size, &length, folder)) return 0;
  for (char **at = arguments; *at; at++, c.argument_count++)
    if (!add_string(ret, size, &length, *at)) return 0;
  for (char **at = variables; *at; at++, c.variable_count++)
    if (!add_string(ret, size, &length, *at)) return 0;
  memcpy(ret, &c, sizeof c);
  return length;
}

struct wire_size terminal_size(int fd) {
  struct winsize size = {0};
  ioctl(fd, TIOCGWINSZ, &size);
  return (struct wire_size){size.ws_row, size.ws_col};
}

struct wire_size terminal_make_raw(int fd) {
  struct termios mode;
  if (tcgetattr(fd, &mode) == 0) {
    cfmakeraw(&mode);
    tcsetattr(fd, TCSANOW, &mode);
  }
  return terminal_size(fd);
}

static void start(struct session *s, const int fds[HANDOVER_DOCUMENT], bool terminal) {
  for (int i = 0; i < 3; i++) fcntl(fds[i], F_SETFL, fcntl(fds[i], F_GETFL) | O_NONBLOCK);
  s->in = (struct source){.fd = fds[0], .stream = 0, .credit = WIRE_WINDOW};
  s->out = (struct sink){.fd = fds[1], .stream = 1};
  s->err = (struct sink){.fd = terminal ? -1 : fds[2], .stream = 2};
  s->exit_code = -1;
  s->open = true;
}

void session_first(struct session *s, const struct monitor_options *o) {
  struct wire_command c = o->command;
  c.first = 1;
  c.terminal = o->terminal;
  if (o->terminal) c.size = terminal_make_raw(0);
  *s = (struct session){.control = -1};
  if (!(s->command = malloc(WIRE_OPEN_MAX))) die("Cannot allocate memory for the command.");
  s->command_length = command_document(&c, o->folder, o->arguments, environ, s->command, WIRE_OPEN_MAX);
  if (s->command_length == 0) die("The command and its environment are longer than %d bytes.", WIRE_OPEN_MAX);
  start(s, (const int[]){0, 1, 2}, o->terminal);
}

/* Who connects to us and says nothing, or not all, keeps the others waiting for no longer than this. */
static void limit_wait(int fd) {
  const struct timeval most = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
}

bool session_attached(struct session *s, int fd) {
  uint32_t length;
  int fds[HANDOVER_DESCRIPTORS];
  *s = (struct session){.control = fd, .exit_code = -1};
  limit_wait(fd);
  if (!handover_receive(fd, &length, fds)) return false;
  bool whole = length >= sizeof(struct wire_command) && length <= WIRE_OPEN_MAX &&
               (s->command = malloc(length)) &&
               pread(fds[HANDOVER_DOCUMENT], s->command, length, 0) == (ssize_t)length;
  close(fds[HANDOVER_DOCUMENT]);
  if (!whole) {
    for (int i = 0; i < 3; i++) close(fds[i]);
    free(s->command);
    return false;
  }
  s->command_length = length;
  struct wire_command *c = (struct wire_command *)s->command;
  c->first = 0;
  start(s, fds, c->terminal);
  if (c->terminal) close(fds[2]);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return true;
}

/* As far as there is room: a guest that does not read gets the rest when it does. */
bool session_announce(struct session *s, struct wire *w, uint16_t number) {
  if (!s->command) return true;
  while (s->announced < s->command_length) {
    size_t left = s->command_length - s->announced, length = left < WIRE_PAYLOAD_MAX ? left : WIRE_PAYLOAD_MAX;
    if (!wire_has_room(w)) return false;
    wire_send(w, number, WIRE_OPEN, length == left ? 0 : 1, s->command + s->announced, length);
    s->announced += length;
  }
  free(s->command);
  s->command = NULL;
  return true;
}

bool session_take(struct session *s, const struct wire_header *h, const unsigned char *payload) {
  struct sink *sink = h->stream == 1 ? &s->out : &s->err;
  if (s->exit_code >= 0) return false;
  switch (h->kind) {
  case WIRE_DATA: return h->stream > 0 && sink_take(sink, payload, h->length);
  case WIRE_EOF:
    if (h->stream == 0) return false;
    sink->ended = true;
    return true;
  case WIRE_CREDIT: return source_credit(&s->in, payload, h->length);
  default: return false;
  }
}

void session_signal(struct session *s, struct wire *w, uint16_t number, int signal) {
  uint8_t value = (uint8_t)signal;
  if (s->exit_code >= 0) { /* only its reader is waited for, and no longer */
    s->out.ring.head = s->out.ring.tail;
    s->err.ring.head = s->err.ring.tail;
    return;
  }
  if (signal == SIGWINCH) {
    struct wire_size size = terminal_size(0);
    wire_send(w, number, WIRE_SIZE, 0, &size, sizeof size);
  } else if (s->open) {
    wire_send(w, number, WIRE_SIGNAL, 0, &value, sizeof value);
  }
}

void session_control(struct session *s, struct wire *w, uint16_t number) {
  struct attach_event event;
  if (!s->open || s->control < 0 || s->command) return; /* the guest hears of the command first */
  for (;;) {
    ssize_t n = recv(s->control, &event, sizeof event, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n != sizeof event) { /* who attached was killed: so is the command, as it would be in a container */
      close(s->control);
      s->control = -1;
      session_signal(s, w, number, SIGKILL);
      return;
    }
    if (event.kind == ATTACH_SIZE) wire_send(w, number, WIRE_SIZE, 0, &event.size, sizeof event.size);
    else session_signal(s, w, number, (int)event.number);
  }
}

size_t session_watch(const struct session *s, const struct wire *w, struct pollfd *fds) {
  size_t n = 0;
  if (!s->open) return 0;
  if (s->control >= 0 && !s->command) fds[n++] = (struct pollfd){s->control, POLLIN, 0};
  if (!s->command && source_wanted(&s->in, w)) fds[n++] = (struct pollfd){s->in.fd, POLLIN, 0};
  if (s->out.fd >= 0 && ring_used(&s->out.ring) > 0) fds[n++] = (struct pollfd){s->out.fd, POLLOUT, 0};
  if (s->err.fd >= 0 && ring_used(&s->err.ring) > 0) fds[n++] = (struct pollfd){s->err.fd, POLLOUT, 0};
  return n;
}

void session_end(struct session *s) {
  uint8_t code = s->exit_code < 0 ? EXIT_OURS : (uint8_t)s->exit_code;
  if (s->control >= 0) {
    send(s->control, &code, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(s->control);
  }
  if (s->in.fd >= 0) close(s->in.fd);
  sink_free(&s->out);
  sink_free(&s->err);
  free(s->command);
  *s = (struct session){.control = -1, .exit_code = -1};
}

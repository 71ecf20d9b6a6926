/* What an X client does to others without asking anybody: type (XTEST), take the clipboard. Beside it the witnesses' halves, which
 * run outside and are such clients themselves: a window of colours, a property, a window that has the focus. */
#include "desktop.h"
#include "probe.h"

#include <poll.h>

static struct x_packet packet;

static bool fake_key(const struct x *x, uint8_t xtest, uint8_t event, uint8_t key) {
  enum { XTEST_FAKE_INPUT = 2 };
  static const uint8_t rest[28]; /* no delay, no root, no position, the core keyboard */
  struct x_request fake_input = x_begin(xtest, XTEST_FAKE_INPUT);
  x_put8(&fake_input, event);
  x_put8(&fake_input, key);
  x_put16(&fake_input, 0);
  x_put(&fake_input, rest, sizeof rest);
  return x_send(x, &fake_input);
}

/* ADDRESSES TEXT: types hexadecimal digits; "." is Escape. */
int run_x_press(int argc, char **argv) {
  enum { PRESS = 2, RELEASE = 3 };
  static const char digits[] = "0123456789abcdef.";
  struct x x;
  uint8_t keys[17];
  if (argc != 2) return 2;
  if (!x_open(&x, argv[0])) return x_over("no X server");
  uint8_t xtest = x_extension(&x, "XTEST");
  if (xtest == 0 || !x_keys(&x, keys)) return x_over("no XTEST");
  for (const char *c = argv[1], *digit; *c && (digit = strchr(digits, *c)); c++) {
    uint8_t key = keys[digit - digits];
    if (!fake_key(&x, xtest, PRESS, key) || !fake_key(&x, xtest, RELEASE, key)) return x_over("no keys");
  }
  if (!x_settle(&x)) return x_over("no keys");
  tell("typed");
  return 0;
}

static bool give(const struct x *x, const uint8_t *asked, const char *text) {
  uint8_t notify[32] = {X_SELECTION_NOTIFY};
  uint32_t requestor = x_get32(asked + 12), property = x_get32(asked + 24);
  struct x_request send_event = x_begin(25, 0);
  memcpy(notify + 4, asked + 4, 4);    /* time */
  memcpy(notify + 8, asked + 12, 16); /* requestor, selection, target, property */
  x_put32(&send_event, requestor);
  x_put32(&send_event, 0);
  x_put(&send_event, notify, sizeof notify);
  return x_set_property(x, requestor, property, x_get32(asked + 20), text) && x_send(x, &send_event);
}

/* Something to read of the server, rather than the end of standard input. */
static bool more_to_do(const struct x *x) {
  struct pollfd fds[2] = {{0, POLLIN, 0}, {x->fd, POLLIN, 0}};
  return poll(fds, 2, -1) > 0 && !fds[0].revents;
}

/* ADDRESSES TEXT: takes the clipboard, and gives the text to whoever pastes. */
int run_x_copy(int argc, char **argv) {
  struct x x;
  if (argc != 2) return 2;
  if (!x_open(&x, argv[0])) return x_over("no X server");
  struct x_request set_owner = x_begin(22, 0);
  x_put32(&set_owner, x_window(&x, 0, 1, 1, 0, 0));
  x_put32(&set_owner, x_atom(&x, "CLIPBOARD"));
  x_put32(&set_owner, 0);
  if (!x_send(&x, &set_owner) || !x_settle(&x)) return x_over("no clipboard");
  tell("copied");
  while (more_to_do(&x)) {
    if (!x_next(&x, &packet) || packet.bytes[0] == X_ERROR) return x_over("no clipboard");
    if ((packet.bytes[0] & 127) == X_SELECTION_REQUEST && !give(&x, packet.bytes, argv[1])) return x_over("not given");
  }
  return 0;
}

/* ADDRESSES NAME VALUE: a property of the root window, which stays. */
int run_x_mark(int argc, char **argv) {
  struct x x;
  if (argc != 3) return 2;
  if (!x_open(&x, argv[0])) return x_over("no X server");
  uint32_t name = x_atom(&x, argv[1]);
  if (name == 0 || !x_set_property(&x, x.root, name, 0, argv[2]) || !x_settle(&x)) return x_over("no property");
  tell("marked");
  return 0;
}

/* ADDRESSES COLOUR…: a window for each colour, side by side, 16 pixels wide. */
int run_x_paint(int argc, char **argv) {
  struct x x;
  if (argc < 2 || argc > 17) return 2;
  if (!x_open(&x, argv[0])) return x_over("no X server");
  for (int i = 1; i < argc; i++)
    if (!x_window(&x, (int16_t)(16 * (i - 1)), 16, 16, (uint32_t)strtoul(argv[i], NULL, 16), 0)) return x_over("no window");
  if (!x_settle(&x)) return x_over("no window");
  tell("painted");
  hold();
  return 0;
}

/* ADDRESSES: a window with the focus, as a user's terminal; tells which digits were typed into it, once Escape is. */
int run_x_listen(int argc, char **argv) {
  enum { POINTER_ROOT = 1 };
  struct x x;
  uint8_t keys[17];
  char text[256] = "";
  size_t done = 0;
  if (argc != 1) return 2;
  if (!x_open(&x, argv[0])) return x_over("no X server");
  struct x_request set_focus = x_begin(42, POINTER_ROOT);
  x_put32(&set_focus, x_window(&x, 0, 100, 100, 0xffffff, 1 /* KeyPress */));
  x_put32(&set_focus, 0);
  if (!x_keys(&x, keys) || !x_send(&x, &set_focus) || !x_settle(&x)) return x_over("no window");
  tell("listening");
  while (more_to_do(&x) && x_await(&x, X_KEY_PRESS, &packet)) {
    int digit = x_digit(keys, packet.bytes[1]);
    if (digit == 16) break;
    if (digit >= 0 && done + 1 < sizeof text) text[done++] = "0123456789abcdef"[digit];
  }
  tell("typed %s", text);
  return 0;
}

/* What an X client learns of others without asking anybody: the root's properties, the screen (ATT&CK T1113), every key
 * (T1056.001) and the clipboard (T1115). Words are the display's addresses, then what is asked for. */
#include "desktop.h"
#include "probe.h"

static struct x_packet packet;

/* ADDRESSES NAME: the value of a property of the root window. */
int run_x_property(int argc, char **argv) {
  struct x x;
  char text[256];
  if (argc != 2) return 2;
  if (!x_open(&x, argv[0])) return x_over("no X server");
  uint32_t name = x_atom(&x, argv[1]);
  if (name == 0 || !x_property(&x, x.root, name, text, sizeof text)) return x_over("no property");
  tell("%s", text);
  return 0;
}

/* ADDRESSES COUNT: the colours of the screen at (8, 8), (24, 8), … as one word of hexadecimal digits. */
int run_x_pixels(int argc, char **argv) {
  enum { Z_PIXMAP = 2 };
  struct x x;
  char text[256] = "";
  int count = argc == 2 ? atoi(argv[1]) : 0;
  if (count < 1 || count > 16) return 2;
  if (!x_open(&x, argv[0])) return x_over("no X server");
  for (int i = 0; i < count; i++) {
    struct x_request get_image = x_begin(73, Z_PIXMAP);
    x_put32(&get_image, x.root);
    x_put16(&get_image, (uint16_t)(8 + 16 * i));
    x_put16(&get_image, 8);
    x_put16(&get_image, 1);
    x_put16(&get_image, 1);
    x_put32(&get_image, ~0u);
    if (!x_ask(&x, &get_image, &packet) || packet.length < 36) return x_over("no image");
    snprintf(text + 6 * i, sizeof text - 6 * (size_t)i, "%06x", x_get32(packet.bytes + 32) & 0xffffff);
  }
  tell("%s", text);
  return 0;
}

/* Raw key events of all keyboards, wherever the focus is ("XI2 protocol", XISelectEvents on the root window). */
static bool listen_for_keys(const struct x *x) {
  enum { XI_SELECT_EVENTS = 46, XI_QUERY_VERSION = 47, ALL_MASTER_DEVICES = 1, RAW_KEY_PRESS = 13 };
  uint8_t extension = x_extension(x, "XInputExtension");
  struct x_request version = x_begin(extension, XI_QUERY_VERSION), select = x_begin(extension, XI_SELECT_EVENTS);
  if (extension == 0) return errno = ENOENT, false;
  x_put16(&version, 2);
  x_put16(&version, 2);
  x_put32(&select, x->root);
  x_put32(&select, 1);
  x_put16(&select, ALL_MASTER_DEVICES);
  x_put16(&select, 1);
  x_put32(&select, 1u << RAW_KEY_PRESS);
  return x_ask(x, &version, &packet) && x_send(x, &select) && x_settle(x);
}

/* ADDRESSES COUNT: says that it listens, then tells the next hexadecimal digits that are typed. */
int run_x_keylog(int argc, char **argv) {
  struct x x;
  uint8_t keys[17];
  char text[256] = "";
  size_t count = argc == 2 ? (size_t)atoi(argv[1]) : 0, done = 0;
  if (count < 1 || count >= sizeof text) return 2;
  if (!x_open(&x, argv[0])) return x_over("no X server");
  if (!x_keys(&x, keys) || !listen_for_keys(&x)) return x_over("no keys");
  tell("listening");
  while (done < count && x_await(&x, X_GENERIC, &packet)) {
    int digit = x_digit(keys, x_get32(packet.bytes + 16));
    if (digit == 16) break;
    if (digit >= 0) text[done++] = "0123456789abcdef"[digit];
  }
  tell("%s", text);
  return 0;
}

/* ADDRESSES: the clipboard, as text (ICCCM 2.4). */
int run_x_paste(int argc, char **argv) {
  struct x x;
  char text[1024];
  if (argc != 1) return 2;
  if (!x_open(&x, argv[0])) return x_over("no X server");
  uint32_t window = x_window(&x, 0, 1, 1, 0, 0), property = x_atom(&x, "GLOVEBOX_PASTE");
  struct x_request convert_selection = x_begin(24, 0);
  x_put32(&convert_selection, window);
  x_put32(&convert_selection, x_atom(&x, "CLIPBOARD"));
  x_put32(&convert_selection, x_atom(&x, "UTF8_STRING"));
  x_put32(&convert_selection, property);
  x_put32(&convert_selection, 0);
  if (!x_send(&x, &convert_selection) || !x_await(&x, X_SELECTION_NOTIFY, &packet)) return x_over("no clipboard");
  if (x_get32(packet.bytes + 20) == 0) return tell("nobody has the clipboard"), 1;
  if (!x_property(&x, window, property, text, sizeof text)) return x_over("no text");
  tell("%s", text);
  return 0;
}

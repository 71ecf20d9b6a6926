/* A small X client: its connection and the requests that several verbs make. After "X Window System Protocol" (X11R7.7),
 * appendix B. It brings no cookie along: an attacker in a sandbox would have to find one first, and the exam's own server asks
 * for none. Whatever the server sends is bounded by the packet's buffer. */
#include "desktop.h"
#include "probe.h"

enum { MOST_PACKETS = 1000, ATOM_ANY = 0, ATOM_STRING = 31 };

uint16_t x_get16(const uint8_t *bytes) {
  uint16_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

uint32_t x_get32(const uint8_t *bytes) {
  uint32_t value;
  memcpy(&value, bytes, sizeof value);
  return value;
}

struct x_request x_begin(uint8_t code, uint8_t detail) { return (struct x_request){{code, detail}, 4}; }

void x_put(struct x_request *request, const void *bytes, size_t length) {
  if (request->length + length > sizeof request->bytes) length = sizeof request->bytes - request->length;
  memcpy(request->bytes + request->length, bytes, length);
  request->length += length;
}
void x_put8(struct x_request *request, uint8_t value) { x_put(request, &value, sizeof value); }
void x_put16(struct x_request *request, uint16_t value) { x_put(request, &value, sizeof value); }
void x_put32(struct x_request *request, uint32_t value) { x_put(request, &value, sizeof value); }

bool x_send(const struct x *x, struct x_request *request) {
  static const uint8_t padding[4];
  x_put(request, padding, -request->length & 3);
  uint16_t words = (uint16_t)(request->length / 4);
  memcpy(request->bytes + 2, &words, sizeof words);
  return stream_write(x->fd, request->bytes, request->length);
}

bool x_next(const struct x *x, struct x_packet *ret_packet) {
  uint8_t *bytes = ret_packet->bytes;
  if (!stream_read(x->fd, bytes, 32)) return false;
  bool longer = bytes[0] == X_REPLY || (bytes[0] & 127) == X_GENERIC;
  size_t more = longer ? (size_t)x_get32(bytes + 4) * 4 : 0;
  if (more > sizeof ret_packet->bytes - 32) return errno = EMSGSIZE, false;
  ret_packet->length = 32 + more;
  return stream_read(x->fd, bytes + 32, more);
}

/* An error is about one of the requests before: it ends the verb, whichever it was. */
bool x_await(const struct x *x, uint8_t wanted, struct x_packet *ret_packet) {
  for (int i = 0; i < MOST_PACKETS; i++) {
    if (!x_next(x, ret_packet)) return false;
    if (ret_packet->bytes[0] == X_ERROR) return errno = EPROTO, false;
    if ((ret_packet->bytes[0] & 127) == wanted) return true;
  }
  return errno = EPROTO, false;
}

bool x_ask(const struct x *x, struct x_request *request, struct x_packet *ret_packet) {
  return x_send(x, request) && x_await(x, X_REPLY, ret_packet);
}

bool x_settle(const struct x *x) {
  static struct x_packet packet;
  struct x_request get_input_focus = x_begin(43, 0);
  return x_ask(x, &get_input_focus, &packet);
}

static bool read_setup(struct x *x) {
  static uint8_t setup[64 * 1024];
  uint8_t head[8];
  if (!stream_read(x->fd, head, sizeof head)) return false;
  size_t length = (size_t)x_get16(head + 6) * 4;
  if (length > sizeof setup || !stream_read(x->fd, setup, length)) return false;
  if (head[0] != 1 || length < 32) return errno = EACCES, false;
  size_t screen = 32 + ((x_get16(setup + 16) + 3u) & ~3u) + setup[21] * 8u;
  if (setup[20] == 0 || screen + 40 > length) return errno = EPROTO, false;
  x->next_id = x_get32(setup + 4);
  x->lowest_key = setup[26];
  x->highest_key = setup[27];
  x->root = x_get32(setup + screen);
  return true;
}

bool x_open(struct x *ret_x, const char *list) {
  static const uint8_t hello[12] = {'l', 0, 11}; /* version 11.0, no authorization */
  ret_x->fd = stream_connect(list, 5);
  return ret_x->fd >= 0 && stream_write(ret_x->fd, hello, sizeof hello) && read_setup(ret_x);
}

uint32_t x_atom(const struct x *x, const char *name) {
  static struct x_packet packet;
  struct x_request intern_atom = x_begin(16, 0);
  x_put16(&intern_atom, (uint16_t)strlen(name));
  x_put16(&intern_atom, 0);
  x_put(&intern_atom, name, strlen(name));
  return x_ask(x, &intern_atom, &packet) ? x_get32(packet.bytes + 8) : 0;
}

uint8_t x_extension(const struct x *x, const char *name) {
  static struct x_packet packet;
  struct x_request query_extension = x_begin(98, 0);
  x_put16(&query_extension, (uint16_t)strlen(name));
  x_put16(&query_extension, 0);
  x_put(&query_extension, name, strlen(name));
  return x_ask(x, &query_extension, &packet) && packet.bytes[8] ? packet.bytes[9] : 0;
}

uint32_t x_window(struct x *x, int16_t left, uint16_t width, uint16_t height, uint32_t colour, uint32_t events) {
  enum { BACKGROUND_PIXEL = 0x2, OVERRIDE_REDIRECT = 0x200, EVENT_MASK = 0x800, INPUT_OUTPUT = 1 };
  uint32_t id = x->next_id++;
  struct x_request create_window = x_begin(1, 0);
  x_put32(&create_window, id);
  x_put32(&create_window, x->root);
  x_put16(&create_window, (uint16_t)left);
  x_put16(&create_window, 0);
  x_put16(&create_window, width);
  x_put16(&create_window, height);
  x_put16(&create_window, 0);
  x_put16(&create_window, INPUT_OUTPUT);
  x_put32(&create_window, 0);
  x_put32(&create_window, BACKGROUND_PIXEL | OVERRIDE_REDIRECT | EVENT_MASK);
  x_put32(&create_window, colour);
  x_put32(&create_window, 1);
  x_put32(&create_window, events);
  struct x_request map_window = x_begin(8, 0);
  x_put32(&map_window, id);
  return x_send(x, &create_window) && x_send(x, &map_window) ? id : 0;
}

bool x_property(const struct x *x, uint32_t window, uint32_t property, char *ret_text, size_t size) {
  static struct x_packet packet;
  struct x_request get_property = x_begin(20, 0);
  x_put32(&get_property, window);
  x_put32(&get_property, property);
  x_put32(&get_property, ATOM_ANY);
  x_put32(&get_property, 0);
  x_put32(&get_property, (uint32_t)(size / 4));
  if (!x_ask(x, &get_property, &packet)) return false;
  size_t length = packet.bytes[1] == 8 ? x_get32(packet.bytes + 16) : 0;
  if (length > packet.length - 32 || length >= size) return errno = EPROTO, false;
  memcpy(ret_text, packet.bytes + 32, length);
  ret_text[length] = 0;
  return true;
}

bool x_set_property(const struct x *x, uint32_t window, uint32_t property, uint32_t type, const char *text) {
  struct x_request change_property = x_begin(18, 0);
  x_put32(&change_property, window);
  x_put32(&change_property, property);
  x_put32(&change_property, type ? type : ATOM_STRING);
  x_put32(&change_property, 8);
  x_put32(&change_property, (uint32_t)strlen(text));
  x_put(&change_property, text, strlen(text));
  return x_send(x, &change_property);
}

bool x_keys(const struct x *x, uint8_t ret_keys[17]) {
  static struct x_packet packet;
  struct x_request get_mapping = x_begin(101, 0);
  unsigned count = x->highest_key - x->lowest_key + 1u;
  x_put8(&get_mapping, x->lowest_key);
  x_put8(&get_mapping, (uint8_t)count);
  x_put16(&get_mapping, 0);
  if (!x_ask(x, &get_mapping, &packet)) return false;
  size_t each = packet.bytes[1] * 4u;
  memset(ret_keys, 0, 17);
  for (unsigned i = 0; i < count && 32 + (i + 1) * each <= packet.length && each > 0; i++) {
    uint32_t symbol = x_get32(packet.bytes + 32 + i * each);
    const char *digits = "0123456789abcdef", *digit = symbol > 0 && symbol < 128 ? strchr(digits, (int)symbol) : NULL;
    size_t at = symbol == 0xff1b ? 16u : digit ? (size_t)(digit - digits) : 17u; /* XK_Escape */
    if (at < 17 && ret_keys[at] == 0) ret_keys[at] = (uint8_t)(x->lowest_key + i);
  }
  for (int i = 0; i < 17; i++)
    if (ret_keys[i] == 0) return errno = ENOENT, false;
  return true;
}

int x_digit(const uint8_t keys[17], uint32_t key) {
  for (int i = 0; i < 17; i++)
    if (keys[i] == key) return i;
  return -1;
}

int x_over(const char *what) {
  tell("%s: %s", what, strerror(errno));
  return 1;
}

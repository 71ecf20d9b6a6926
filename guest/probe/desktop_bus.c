/* One method call over D-Bus: what systemd, portals, the Secret Service and the accessibility bus do for every client of the user.
 * "D-Bus Specification", message protocol and authentication protocol (SASL EXTERNAL with this process' own uid). */
#include "desktop.h"
#include "probe.h"

enum { METHOD_CALL = 1, METHOD_RETURN = 2, ERROR = 3, MOST_MESSAGES = 50 };
enum { FIELD_PATH = 1, FIELD_INTERFACE = 2, FIELD_MEMBER = 3, FIELD_DESTINATION = 6, FIELD_SIGNATURE = 8 };

struct bytes {
  uint8_t data[4096];
  size_t length;
};

static void put(struct bytes *to, const void *data, size_t length) {
  if (to->length + length > sizeof to->data) length = sizeof to->data - to->length;
  memcpy(to->data + to->length, data, length);
  to->length += length;
}

static void align(struct bytes *to, size_t boundary) {
  static const uint8_t zeros[8];
  put(to, zeros, (boundary - to->length % boundary) % boundary);
}

static void put_u32(struct bytes *to, uint32_t value) {
  align(to, 4);
  put(to, &value, sizeof value);
}

static void put_string(struct bytes *to, const char *text) {
  put_u32(to, (uint32_t)strlen(text));
  put(to, text, strlen(text) + 1);
}

static void put_signature(struct bytes *to, const char *text) {
  uint8_t length = (uint8_t)strlen(text);
  put(to, &length, 1);
  put(to, text, length + 1u);
}

/* An array of structs or dictionary entries. Its length is written once it is known, without the padding before the first. */
struct array {
  size_t length_at, first;
};

static struct array begin_array(struct bytes *to) {
  struct array array;
  put_u32(to, 0);
  array.length_at = to->length - 4;
  align(to, 8);
  array.first = to->length;
  return array;
}

static void end_array(struct bytes *to, struct array array) {
  uint32_t length = (uint32_t)(to->length - array.first);
  if (array.length_at + sizeof length <= sizeof to->data) memcpy(to->data + array.length_at, &length, sizeof length);
}

static void put_field(struct bytes *to, uint8_t code, const char *type, const char *value) {
  align(to, 8);
  put(to, &code, 1);
  put_signature(to, type);
  if (*type == 'g') put_signature(to, value);
  else put_string(to, value);
}

/* {KEY: VALUE}, the value as a string or as a list of one. */
static void put_dictionary(struct bytes *to, char *text, bool list) {
  char *value = strchr(text, '=');
  if (!value) return;
  *value++ = 0;
  struct array entries = begin_array(to);
  put_string(to, text);
  put_signature(to, list ? "as" : "s");
  if (list) put_u32(to, (uint32_t)(4 + strlen(value) + 1)); /* its first string is aligned already */
  put_string(to, value);
  end_array(to, entries);
}

/* [("ExecStart", [(PATH, [PATH], false)])], a property of a systemd unit (org.freedesktop.systemd1(5)). */
static void put_exec_start(struct bytes *to, const char *path) {
  struct array properties = begin_array(to);
  put_string(to, "ExecStart");
  put_signature(to, "a(sasb)");
  struct array commands = begin_array(to);
  put_string(to, path);
  put_u32(to, (uint32_t)(4 + strlen(path) + 1));
  put_string(to, path);
  put_u32(to, 0);
  end_array(to, commands);
  end_array(to, properties);
}

/* s:TEXT and o:PATH a string, u:NUMBER, d:KEY=TEXT and l:KEY=TEXT a dictionary, e:PATH an ExecStart, a: an empty array of structs. */
static bool put_word(struct bytes *to, char *word) {
  if (!*word || word[1] != ':') return false;
  switch (*word) {
    case 's':
    case 'o': return put_string(to, word + 2), true;
    case 'u': return put_u32(to, (uint32_t)strtoul(word + 2, NULL, 10)), true;
    case 'd':
    case 'l': return put_dictionary(to, word + 2, *word == 'l'), true;
    case 'e': return put_exec_start(to, word + 2), true;
    case 'a': return begin_array(to), true;
    default: return false;
  }
}

struct call {
  const char *destination, *path, *interface, *member, *signature;
};

static bool send_call(int fd, uint32_t serial, const struct call *call, const struct bytes *body) {
  static const uint8_t head[] = {'l', METHOD_CALL, 0, 1};
  struct bytes message = {.length = 0};
  put(&message, head, sizeof head);
  put_u32(&message, (uint32_t)body->length);
  put_u32(&message, serial);
  struct array fields = begin_array(&message);
  put_field(&message, FIELD_PATH, "o", call->path);
  put_field(&message, FIELD_INTERFACE, "s", call->interface);
  put_field(&message, FIELD_MEMBER, "s", call->member);
  put_field(&message, FIELD_DESTINATION, "s", call->destination);
  if (*call->signature) put_field(&message, FIELD_SIGNATURE, "g", call->signature);
  end_array(&message, fields);
  align(&message, 8);
  put(&message, body->data, body->length);
  return stream_write(fd, message.data, message.length);
}

/* The next answer to a call; signals, such as NameAcquired, are skipped. Tells the strings of its body where asked to. */
static bool await_answer(int fd, bool told) {
  static uint8_t bytes[64 * 1024];
  for (int i = 0; i < MOST_MESSAGES; i++) {
    uint8_t head[16];
    uint32_t body, fields;
    if (!stream_read(fd, head, sizeof head)) return false;
    memcpy(&body, head + 4, sizeof body);
    memcpy(&fields, head + 12, sizeof fields);
    fields = (fields + 7) & ~7u;
    if (head[0] != 'l' || body > sizeof bytes / 2 || fields > sizeof bytes / 2) return errno = EPROTO, false;
    if (!stream_read(fd, bytes, fields + body)) return false;
    if (head[1] != METHOD_RETURN && head[1] != ERROR) continue;
    if (told) tell_strings(bytes + fields, body);
    return true;
  }
  return errno = EPROTO, false;
}

static bool authenticate(int fd) {
  char text[128], uid[16], line[256];
  size_t length = 0;
  snprintf(uid, sizeof uid, "%u", (unsigned)getuid());
  size_t at = (size_t)snprintf(text, sizeof text, "%cAUTH EXTERNAL ", 0);
  for (const char *c = uid; *c; c++) at += (size_t)snprintf(text + at, sizeof text - at, "%02x", (unsigned)*c);
  at += (size_t)snprintf(text + at, sizeof text - at, "\r\n");
  if (!stream_write(fd, text, at)) return false;
  while (length + 1 < sizeof line && stream_read(fd, line + length, 1) && line[length] != '\n') length++;
  if (length < 2 || strncmp(line, "OK", 2)) return errno = EACCES, false;
  return stream_write(fd, "BEGIN\r\n", 7);
}

/* ADDRESS DESTINATION PATH INTERFACE MEMBER SIGNATURE [WORD…]: tells the strings of the answer. */
int run_bus_call(int argc, char **argv) {
  static const char bus[] = "org.freedesktop.DBus";
  const struct call hello = {bus, "/org/freedesktop/DBus", bus, "Hello", ""};
  struct bytes nothing = {.length = 0}, body = {.length = 0};
  if (argc < 6) return 2;
  const struct call call = {argv[1], argv[2], argv[3], argv[4], argv[5]};
  for (int i = 6; i < argc; i++)
    if (!put_word(&body, argv[i])) return 2;
  int fd = stream_connect(argv[0], 5);
  if (fd < 0 || !authenticate(fd)) return refused();
  if (!send_call(fd, 1, &hello, &nothing) || !await_answer(fd, false)) return refused();
  if (!send_call(fd, 2, &call, &body) || !await_answer(fd, true)) return refused();
  return 0;
}

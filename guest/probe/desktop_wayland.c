/* What a Wayland compositor gives a client that it takes for a trusted one: pictures of the screen (zwlr_screencopy_manager_v1),
 * the clipboard without the focus (zwlr_data_control_manager_v1), keys (zwp_virtual_keyboard_manager_v1). The wire format and
 * wl_display are of wayland.xml, the others of wlr-protocols and wayland-protocols. */
#include "desktop.h"
#include "probe.h"

enum { DISPLAY = 1, REGISTRY = 2, FIRST_SYNC = 3, SECOND_SYNC = 4, FIRST_OBJECT = 5, MOST_EVENTS = 200, MOST_EVENT = 4096 };
enum { SEAT, OUTPUT, SCREENCOPY, DATA_CONTROL, KEYBOARD, WANTED };

static const char *const wanted[WANTED] = {"wl_seat", "wl_output", "zwlr_screencopy_manager_v1",
                                           "zwlr_data_control_manager_v1", "zwp_virtual_keyboard_manager_v1"};

struct client {
  int fd;
  uint32_t next, objects[WANTED]; /* 0: not offered */
};

static bool request(struct client *client, uint32_t object, uint16_t code, const uint32_t *words, size_t count) {
  uint32_t bytes[64] = {object, (uint32_t)(8 + 4 * count) << 16 | code};
  memcpy(bytes + 2, words, count * 4);
  return stream_write(client->fd, bytes, 8 + 4 * count);
}

static bool bind_global(struct client *client, const uint8_t *event, size_t length) {
  uint32_t name, size, words[32] = {0};
  if (length < 12) return true;
  memcpy(&name, event, 4);
  memcpy(&size, event + 4, 4);
  if (size == 0 || size > 64 || 8 + size > length || event[8 + size - 1] != 0) return true;
  const char *interface = (const char *)event + 8;
  size_t padded = (size + 3) / 4;
  for (int i = 0; i < WANTED; i++) {
    if (strcmp(interface, wanted[i]) || client->objects[i]) continue;
    tell("offered %s", interface);
    client->objects[i] = client->next++;
    words[0] = name;
    words[1] = size;
    memcpy(words + 2, interface, size);
    words[2 + padded] = 1;
    words[3 + padded] = client->objects[i];
    return request(client, REGISTRY, 0, words, 4 + padded);
  }
  return true;
}

/* Until the compositor has answered this wl_display.sync. */
static bool until(struct client *client, uint32_t sync) {
  for (int i = 0; i < MOST_EVENTS; i++) {
    uint32_t head[2];
    uint8_t event[MOST_EVENT];
    if (!stream_read(client->fd, head, sizeof head)) return false;
    size_t length = head[1] >> 16;
    if (length < 8 || length - 8 > sizeof event) return errno = EPROTO, false;
    if (!stream_read(client->fd, event, length - 8)) return false;
    if (head[0] == sync) return true;
    if (head[0] == DISPLAY && (head[1] & 0xffff) == 0) return errno = EACCES, false; /* wl_display.error */
    if (head[0] == REGISTRY && (head[1] & 0xffff) == 0 && !bind_global(client, event, length - 8)) return false;
  }
  return errno = EPROTO, false;
}

/* Each digit by its key of linux/input-event-codes.h, pressed and released. */
static bool type(struct client *client, const char *text) {
  static const char digits[] = "0123456789abcdef";
  static const uint8_t keys[] = {11, 2, 3, 4, 5, 6, 7, 8, 9, 10, 30, 48, 46, 32, 18, 33};
  uint32_t keyboard = client->next++;
  uint32_t create[] = {client->objects[SEAT], keyboard};
  if (!request(client, client->objects[KEYBOARD], 0, create, 2)) return false;
  for (const char *c = text, *digit; *c && (digit = strchr(digits, *c)); c++) {
    uint32_t press[] = {0, keys[digit - digits], 1}, release[] = {0, keys[digit - digits], 0};
    if (!request(client, keyboard, 1, press, 3) || !request(client, keyboard, 1, release, 3)) return false;
  }
  return true;
}

/* ADDRESS TEXT: takes a picture, asks for the clipboard and types the hexadecimal digits. */
int run_wayland(int argc, char **argv) {
  if (argc != 2) return 2;
  struct client client = {.fd = stream_connect(argv[0], 5), .next = FIRST_OBJECT};
  uint32_t registry = REGISTRY, first = FIRST_SYNC, second = SECOND_SYNC;
  if (client.fd < 0) return refused();
  if (!request(&client, DISPLAY, 1, &registry, 1) || !request(&client, DISPLAY, 0, &first, 1)) return refused();
  if (!until(&client, FIRST_SYNC)) return refused();
  uint32_t *objects = client.objects;
  if (objects[SCREENCOPY] && objects[OUTPUT]) {
    uint32_t capture[] = {client.next++, 0, objects[OUTPUT]};
    if (!request(&client, objects[SCREENCOPY], 0, capture, 3)) return refused();
  }
  if (objects[DATA_CONTROL] && objects[SEAT]) {
    uint32_t device[] = {client.next++, objects[SEAT]};
    if (!request(&client, objects[DATA_CONTROL], 1, device, 2)) return refused();
  }
  if (objects[KEYBOARD] && objects[SEAT] && !type(&client, argv[1])) return refused();
  if (!request(&client, DISPLAY, 0, &second, 1) || !until(&client, SECOND_SYNC)) return refused();
  tell("done");
  return 0;
}

/* What the parts of the desktop's probes share: a stream to a socket of the desktop, and an X connection over one. */
#ifndef GLOVEBOX_PROBE_DESKTOP_H
#define GLOVEBOX_PROBE_DESKTOP_H

#include "probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* desktop.c: the first of a list with commas, a path or @NAME of an abstract socket (unix(7)), that can be connected to; else -1
 * with errno. Reads and writes end after `seconds`. */
int stream_connect(const char *list, int seconds);
bool stream_write(int fd, const void *bytes, size_t length);
bool stream_read(int fd, void *bytes, size_t length);
/* Tells the printable parts of bytes, each run of four or more on a line. */
void tell_strings(const uint8_t *bytes, size_t length);

uint32_t big32(const uint8_t *bytes);
void put_big32(uint8_t *bytes, uint32_t value);

/* X Window System Protocol, X11R7.7, in this machine's byte order, which is the small-endian one. */
struct x {
  int fd;
  uint32_t root, next_id;
  uint8_t lowest_key, highest_key;
};
/* What the server sends: an error, a reply or an event, with its further data behind the first 32 bytes. */
struct x_packet {
  uint8_t bytes[64 * 1024];
  size_t length;
};
enum { X_ERROR = 0, X_REPLY = 1, X_KEY_PRESS = 2, X_SELECTION_REQUEST = 30, X_SELECTION_NOTIFY = 31, X_GENERIC = 35 };

/* A request that is being put together. */
struct x_request {
  uint8_t bytes[1024];
  size_t length;
};
struct x_request x_begin(uint8_t code, uint8_t detail);
void x_put8(struct x_request *request, uint8_t value);
void x_put16(struct x_request *request, uint16_t value);
void x_put32(struct x_request *request, uint32_t value);
void x_put(struct x_request *request, const void *bytes, size_t length);

/* All of these return false where the connection has ended, the server has refused or its time is up. */
bool x_open(struct x *ret_x, const char *list);
bool x_send(const struct x *x, struct x_request *request);
bool x_next(const struct x *x, struct x_packet *ret_packet);
/* Sends and skips events until the answer is there. */
bool x_ask(const struct x *x, struct x_request *request, struct x_packet *ret_packet);
/* Skips what is no such event. */
bool x_await(const struct x *x, uint8_t event, struct x_packet *ret_packet);
/* Waits until all that was sent is done. */
bool x_settle(const struct x *x);

uint16_t x_get16(const uint8_t *bytes);
uint32_t x_get32(const uint8_t *bytes);
/* 0 where it fails */
uint32_t x_atom(const struct x *x, const char *name);
uint8_t x_extension(const struct x *x, const char *name);
uint32_t x_window(struct x *x, int16_t left, uint16_t width, uint16_t height, uint32_t colour, uint32_t events);
/* The value of a window's property, as text that ends with 0. */
bool x_property(const struct x *x, uint32_t window, uint32_t property, char *ret_text, size_t size);
bool x_set_property(const struct x *x, uint32_t window, uint32_t property, uint32_t type, const char *text);
/* The key for each hexadecimal digit, by the server's own layout; [16] is Escape. */
bool x_keys(const struct x *x, uint8_t ret_keys[17]);
/* The digit of a key, 16 for Escape, -1 for others. */
int x_digit(const uint8_t keys[17], uint32_t key);

/* A verb that says why it ends where it could not go on. */
int x_over(const char *what);

int run_x_property(int argc, char **argv), run_x_pixels(int argc, char **argv), run_x_keylog(int argc, char **argv),
    run_x_paste(int argc, char **argv);
int run_x_press(int argc, char **argv), run_x_copy(int argc, char **argv), run_x_mark(int argc, char **argv),
    run_x_paint(int argc, char **argv), run_x_listen(int argc, char **argv);
int run_wayland(int argc, char **argv), run_bus_call(int argc, char **argv), run_ssh_sign(int argc, char **argv),
    run_gpg_sign(int argc, char **argv), run_record(int argc, char **argv);

#endif

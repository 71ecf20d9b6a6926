/* Recording what the microphone hears, by the native protocol of PulseAudio, which PipeWire speaks, too (ATT&CK T1123). The packets
 * are those of version 13: src/pulsecore/{pstream,tagstruct,protocol-native}.c. A server lets in whoever has its user's uid. */
#include "desktop.h"
#include "probe.h"

enum { COMMAND_REPLY = 2, COMMAND_RECORD = 5, COMMAND_AUTH = 8, COMMAND_NAME = 9, VERSION = 13, COOKIE = 256, MOST_PACKETS = 100 };
enum { U8 = 0, MONO = 0, RATE = 8000, FRAGMENT = 256, MOST_RECORDED = 2048 };
#define NOTHING 0xffffffffu

struct packet {
  uint8_t bytes[1024];
  size_t length;
};

static void put8(struct packet *to, uint8_t value) {
  if (to->length < sizeof to->bytes) to->bytes[to->length++] = value;
}
static void put32(struct packet *to, uint32_t value) {
  for (int i = 24; i >= 0; i -= 8) put8(to, (uint8_t)(value >> i));
}
static void put_number(struct packet *to, uint32_t value) { put8(to, 'L'), put32(to, value); }

static struct packet begin(uint32_t command, uint32_t tag) {
  struct packet packet = {.length = 0};
  put_number(&packet, command);
  put_number(&packet, tag);
  return packet;
}

static bool send_packet(int fd, const struct packet *packet) {
  uint8_t head[20] = {0};
  put_big32(head, (uint32_t)packet->length);
  put_big32(head + 4, NOTHING); /* the channel of commands */
  return stream_write(fd, head, sizeof head) && stream_write(fd, packet->bytes, packet->length);
}

/* Returns the channel, with the bytes; false where the stream has ended. */
static bool next_packet(int fd, uint32_t *ret_channel, uint8_t *bytes, size_t size, size_t *ret_length) {
  uint8_t head[20];
  if (!stream_read(fd, head, sizeof head)) return false;
  *ret_length = big32(head);
  *ret_channel = big32(head + 4);
  if (*ret_length > size) return errno = EMSGSIZE, false;
  return stream_read(fd, bytes, *ret_length);
}

static uint8_t bytes[64 * 1024];

static bool await_reply(int fd, uint32_t tag) {
  uint32_t channel;
  size_t length;
  for (int i = 0; i < MOST_PACKETS; i++) {
    if (!next_packet(fd, &channel, bytes, sizeof bytes, &length)) return false;
    if (channel != NOTHING || length < 10 || big32(bytes + 6) != tag) continue;
    return big32(bytes + 1) == COMMAND_REPLY || (errno = EACCES, false);
  }
  return errno = EPROTO, false;
}

static bool log_in(int fd) {
  struct packet login = begin(COMMAND_AUTH, 0), name = begin(COMMAND_NAME, 1);
  put_number(&login, VERSION);
  put8(&login, 'x');
  put32(&login, COOKIE); /* of zeros: the server's is not known */
  for (int i = 0; i < COOKIE; i++) put8(&login, 0);
  put8(&name, 'P'); /* no properties */
  put8(&name, 'N');
  return send_packet(fd, &login) && await_reply(fd, 0) && send_packet(fd, &name) && await_reply(fd, 1);
}

/* A stream of the default source. */
static bool ask_for_stream(int fd) {
  struct packet stream = begin(COMMAND_RECORD, 2);
  const uint8_t sample[] = {'a', U8, 1}, map[] = {'m', 1, MONO};
  for (size_t i = 0; i < sizeof sample; i++) put8(&stream, sample[i]);
  put32(&stream, RATE);
  for (size_t i = 0; i < sizeof map; i++) put8(&stream, map[i]);
  put_number(&stream, NOTHING); /* source: by its name, */
  put8(&stream, 'N');           /* which is the default's */
  put_number(&stream, NOTHING);
  put8(&stream, '0'); /* begins at once */
  put_number(&stream, FRAGMENT);
  for (int i = 0; i < 9; i++) put8(&stream, '0'); /* no_remap … variable_rate, peak_detect, adjust_latency */
  put8(&stream, 'P');
  put8(&stream, 'N');
  put_number(&stream, NOTHING); /* not of one sink input */
  return send_packet(fd, &stream) && await_reply(fd, 2);
}

/* ADDRESS: records 2,048 samples of a byte, and tells what can be read in them. */
int run_record(int argc, char **argv) {
  static uint8_t recorded[MOST_RECORDED];
  size_t done = 0, length;
  uint32_t channel;
  if (argc != 1) return 2;
  int fd = stream_connect(argv[0], 5);
  if (fd < 0) return refused();
  if (!log_in(fd) || !ask_for_stream(fd)) return x_over("no recording");
  for (int i = 0; i < MOST_PACKETS && done < sizeof recorded; i++) {
    if (!next_packet(fd, &channel, bytes, sizeof bytes, &length)) break;
    if (channel == NOTHING) continue;
    size_t taken = length < sizeof recorded - done ? length : sizeof recorded - done;
    memcpy(recorded + done, bytes, taken);
    done += taken;
  }
  tell("recorded %zu", done);
  tell_strings(recorded, done);
  return 0;
}

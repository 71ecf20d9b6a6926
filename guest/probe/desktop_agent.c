/* Agents that keep keys and use them for whoever connects: ssh-agent (draft-ietf-sshm-ssh-agent) and gpg-agent (Assuan, "The
 * Assuan Protocol" of libassuan; the commands are those of gpg-agent(1)). */
#include "desktop.h"
#include "probe.h"

enum { REQUEST_IDENTITIES = 11, IDENTITIES_ANSWER = 12, SIGN_REQUEST = 13, SIGN_RESPONSE = 14, MOST_LINES = 100 };

static uint8_t answer[64 * 1024];

/* Sends a message of an agent and reads the answer to it; 0 where there is none. */
static size_t ask_agent(int fd, const uint8_t *message, size_t length) {
  uint8_t head[4];
  put_big32(head, (uint32_t)length);
  if (!stream_write(fd, head, 4) || !stream_write(fd, message, length) || !stream_read(fd, head, 4)) return 0;
  size_t size = big32(head);
  if (size > sizeof answer) return errno = EMSGSIZE, 0;
  return stream_read(fd, answer, size) ? size : 0;
}

static void tell_hex(const uint8_t *bytes, size_t length) {
  static char text[4096];
  for (size_t i = 0; i < length && 2 * i + 3 < sizeof text; i++) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
  tell("signature %s", text);
}

/* ADDRESS TEXT: lists the agent's keys, and has the text signed with the first. */
int run_ssh_sign(int argc, char **argv) {
  static const uint8_t list[] = {REQUEST_IDENTITIES};
  static uint8_t message[8192];
  if (argc != 2) return 2;
  int fd = stream_connect(argv[0], 5);
  if (fd < 0) return refused();
  size_t size = ask_agent(fd, list, sizeof list);
  if (size < 5 || answer[0] != IDENTITIES_ANSWER) return x_over("no keys");
  size_t keys = big32(answer + 1), key = size < 9 ? 0 : big32(answer + 5), text = strlen(argv[1]);
  tell("%zu keys", keys);
  if (keys == 0 || key == 0 || 9 + key > size || key + text + 13 > sizeof message) return 1;
  message[0] = SIGN_REQUEST;
  memcpy(message + 1, answer + 5, 4 + key);
  put_big32(message + 5 + key, (uint32_t)text);
  memcpy(message + 9 + key, argv[1], text);
  put_big32(message + 9 + key + text, 0);
  size = ask_agent(fd, message, 13 + key + text);
  if (size < 5 || answer[0] != SIGN_RESPONSE) return x_over("not signed");
  tell_hex(answer + 5, size - 5);
  return 0;
}

/* Reads lines until one begins with OK or ERR; tells those of data. */
static bool assuan(int fd, const char *command) {
  char line[1024];
  if (*command && (!stream_write(fd, command, strlen(command)) || !stream_write(fd, "\n", 1))) return false;
  for (int i = 0; i < MOST_LINES; i++) {
    size_t length = 0;
    while (length + 1 < sizeof line && stream_read(fd, line + length, 1) && line[length] != '\n') length++;
    if (length == 0) return errno = EPROTO, false;
    line[length] = 0;
    if (!strncmp(line, "D ", 2)) tell_strings((const uint8_t *)line, length);
    if (!strncmp(line, "OK", 2)) return true;
    if (!strncmp(line, "ERR", 3)) return tell("%s", line), false;
  }
  return errno = EPROTO, false;
}

/* ADDRESS KEYGRIP HASH: has the SHA-256 hash signed with that key, without asking for a passphrase. */
int run_gpg_sign(int argc, char **argv) {
  char key[128], hash[256];
  if (argc != 3) return 2;
  int fd = stream_connect(argv[0], 5);
  if (fd < 0) return refused();
  snprintf(key, sizeof key, "SIGKEY %s", argv[1]);
  snprintf(hash, sizeof hash, "SETHASH --hash=sha256 %s", argv[2]);
  if (!assuan(fd, "") || !assuan(fd, key) || !assuan(fd, hash) || !assuan(fd, "PKSIGN")) return x_over("not signed");
  return 0;
}

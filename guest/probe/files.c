/* Files of the host: what a probe reads must be a nonce, what it writes is looked for outside. Paths are the outer half's words,
 * and all of them lead to what it has planted itself. */
#include "files.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

const char *path_here(const char *word, char ret_path[PATH_MAX]) {
  const char *home = getenv("HOME");
  if (word[0] == '~') snprintf(ret_path, PATH_MAX, "%s%s", home && home[0] == '/' ? home : "/root", word + 1);
  else snprintf(ret_path, PATH_MAX, "%s", word);
  return ret_path;
}

int tell_file(int fd) {
  char text[4096];
  ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  int code = 0;
  if (n < 0) code = refused();
  else tell("%.*s", (int)n, text);
  if (fd >= 0) close(fd);
  return code;
}

int write_text(int fd, const char *text) {
  size_t length = strlen(text);
  ssize_t n = fd < 0 ? -1 : write(fd, text, length);
  int code = n == (ssize_t)length ? 0 : refused();
  if (fd >= 0) close(fd);
  return code;
}

int connect_path(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return errno = ENAMETOOLONG, -1;
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  int why = errno;
  close(fd);
  return errno = why, -1;
}

/* PATH… : the beginning of each file that can be read. */
static int run_read(int argc, char **argv) {
  char path[PATH_MAX];
  int failed = 0;
  for (int i = 0; i < argc; i++) failed |= tell_file(open(path_here(argv[i], path), O_RDONLY | O_NOCTTY | O_NONBLOCK));
  return failed;
}

static int write_all(int argc, char **argv, int flags) {
  char path[PATH_MAX];
  int failed = 0;
  for (int i = 1; i < argc; i++)
    failed |= write_text(open(path_here(argv[i], path), O_WRONLY | O_NOCTTY | O_NONBLOCK | flags, 0644), argv[0]);
  return failed;
}

/* TEXT PATH… : adds to files that are there. */
static int run_append(int argc, char **argv) { return write_all(argc, argv, O_APPEND); }

/* TEXT PATH… : makes files that are not there. */
static int run_create(int argc, char **argv) { return write_all(argc, argv, O_CREAT | O_EXCL); }

/* HEX PATH : sends these bytes to a socket, and tells how many came back. */
static int run_send(int argc, char **argv) {
  unsigned char bytes[2048];
  size_t length = 0;
  if (argc != 2) return 2;
  for (const char *hex = argv[0]; length < sizeof bytes && hex[0] && hex[1]; hex += 2)
    bytes[length++] = (unsigned char)strtoul((char[]){hex[0], hex[1], 0}, NULL, 16);
  char path[PATH_MAX];
  int fd = connect_path(path_here(argv[1], path));
  if (fd < 0 || send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length) return refused();
  struct timeval most = {.tv_sec = 2};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  ssize_t n = recv(fd, bytes, sizeof bytes, 0);
  tell("answered %zd bytes", n);
  return 0;
}

const struct verb files_verbs[] = {
    {"read", run_read},
    {"file-append", run_append},
    {"file-create", run_create},
    {"file-send", run_send},
    {"file-link", run_link},
    {"file-swap", run_swap},
    {"file-flip", run_flip},
    {"file-special", run_special},
    {"file-handle", run_handle},
    {"file-by-handle", run_by_handle},
    {"file-raw", run_raw},
    {"file-openat", run_openat},
    {"file-climb", run_climb},
    {"file-use-sockets", run_use_sockets},
    {"file-with-sockets", run_with_sockets},
    {"file-watch-exe", run_watch_exe},
    {"file-dirty", run_dirty},
    {"file-mount", run_mount},
    {NULL, NULL},
};

/* One process, which sleeps in poll(2) for all connections: a client that stalls, or reads nothing, holds its own slot and no more.
 * Where all slots are taken, the one that has been quiet for longest makes room. */
#include "web.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

enum { SLOTS = WEB_CONNECTIONS + 12, MOST_REQUEST = 1024, MOST_LOG = 1 << 20 };

struct slot {
  int fd; /* -1: free */
  int64_t last;
  size_t asked;              /* bytes of a request so far */
  size_t length, sent;       /* of the answer; 0: none is under way */
  bool closes;               /* behind this answer */
  char request[MOST_REQUEST];
  unsigned char answer[WEB_HEAD + WEB_BYTES];
};

struct server {
  struct slot slots[SLOTS];
  char path[1024];
  int log;
  off_t logged;
};

/* The file to be read, and the log, which has no name from the start. */
static bool place_files(struct server *server, char **folders) {
  unsigned char bytes[WEB_BYTES];
  char path[1000];
  web_file(bytes);
  for (; *folders; folders++) {
    snprintf(path, sizeof path, "%s/glovebox-price-%d", *folders, (int)getpid());
    snprintf(server->path, sizeof server->path, "%s.log", path);
    server->log = open(server->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (server->log < 0) continue;
    unlink(server->path);
    snprintf(server->path, sizeof server->path, "%s", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0 && write(fd, bytes, sizeof bytes) == sizeof bytes && close(fd) == 0) return true;
    unlink(path);
    close(server->log);
  }
  return false;
}

static void let_slot_go(struct slot *slot) {
  close(slot->fd);
  slot->fd = -1;
}

static void accept_one(struct server *server, int listener) {
  int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  struct slot *slot = &server->slots[0];
  for (int i = 0; i < SLOTS && slot->fd >= 0; i++)
    if (server->slots[i].fd < 0 || server->slots[i].last < slot->last) slot = &server->slots[i];
  if (slot->fd >= 0) let_slot_go(slot);
  slot->fd = fd;
  slot->last = price_clock_ns();
  slot->asked = slot->length = slot->sent = 0;
  slot->closes = false;
}

static void write_log(struct server *server, const char *line, size_t length) {
  if (server->logged > MOST_LOG && ftruncate(server->log, 0) == 0) server->logged = 0;
  ssize_t n = pwrite(server->log, line, length, server->logged);
  if (n > 0) server->logged += n;
}

/* Returns false where the file cannot be read. */
static bool compute(struct server *server, uint64_t number, unsigned char ret_body[WEB_BYTES]) {
  unsigned char bytes[WEB_BYTES];
  int fd = open(server->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t n = read(fd, bytes, sizeof bytes);
  close(fd);
  web_body(bytes, number, ret_body);
  return n == sizeof bytes;
}

/* RFC 9112: as much of HTTP/1.1 as `GET /NUMBER`, with fields that are not looked at. */
static void answer(struct server *server, struct slot *slot) {
  static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n";
  static const char bad[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  char *end = NULL;
  uint64_t number = strncmp(slot->request, "GET /", 5) ? 0 : strtoull(slot->request + 5, &end, 10);
  size_t length = (size_t)snprintf((char *)slot->answer, WEB_HEAD, head, WEB_BYTES);
  if (end && end > slot->request + 5 && !strncmp(end, " HTTP/1.1\r\n", 11) && compute(server, number, slot->answer + length)) {
    slot->length = length + WEB_BYTES;
  } else {
    memcpy(slot->answer, bad, sizeof bad - 1);
    slot->length = sizeof bad - 1;
    slot->closes = true;
  }
  char line[128];
  int n = snprintf(line, sizeof line, "127.0.0.1 %lld \"GET /%llu\" %zu\n", (long long)slot->last, (unsigned long long)number, slot->length);
  write_log(server, line, (size_t)n);
  slot->sent = slot->asked = 0;
}

/* Returns false where the connection is over. */
static bool take(struct server *server, struct slot *slot) {
  slot->last = price_clock_ns();
  if (slot->length == 0) {
    ssize_t n = recv(slot->fd, slot->request + slot->asked, MOST_REQUEST - 1 - slot->asked, 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    slot->asked += (size_t)n;
    slot->request[slot->asked] = 0;
    if (!strstr(slot->request, "\r\n\r\n")) return slot->asked < MOST_REQUEST - 1;
    answer(server, slot);
  }
  ssize_t n = send(slot->fd, slot->answer + slot->sent, slot->length - slot->sent, MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  slot->sent += (size_t)n;
  if (slot->sent < slot->length) return true;
  slot->length = 0;
  return !slot->closes;
}

int web_serve(int listener, int input, char **folders) {
  static struct server server;
  for (int i = 0; i < SLOTS; i++) server.slots[i].fd = -1;
  if (!place_files(&server, folders)) return refused();
  for (;;) {
    struct pollfd polled[SLOTS + 2] = {{input, POLLIN, 0}, {listener, POLLIN, 0}};
    for (int i = 0; i < SLOTS; i++)
      polled[i + 2] = (struct pollfd){server.slots[i].fd, server.slots[i].length ? POLLOUT : POLLIN, 0};
    if (poll(polled, SLOTS + 2, -1) < 0 && errno != EINTR) break;
    char rest[64];
    if (polled[0].revents && read(input, rest, sizeof rest) <= 0) break;
    for (int i = 0; i < SLOTS; i++)
      if (polled[i + 2].revents && !take(&server, &server.slots[i])) let_slot_go(&server.slots[i]);
    if (polled[1].revents) accept_one(&server, listener);
  }
  unlink(server.path);
  return 0;
}

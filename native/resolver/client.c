/* Boxes that ask over TCP. Few at a time, one question of each at a time, and none for long. */
#include "resolver.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IDLE_MS = 15000 };

static struct client {
  bool used, busy /* a question is being answered */, pumping;
  int fd;
  uint32_t generation;
  int64_t ends_ms;
  size_t have, length, sent;
  uint8_t in[2 + QUERY_MAX], out[2 + ANSWER_MAX];
} clients[MAX_CLIENTS];
static size_t count;
static int epoll_fd;

void client_open(int epoll) { epoll_fd = epoll; }
size_t client_count(void) { return count; }

static void end(struct client *c) {
  close(c->fd);
  c->used = false;
  c->generation++;
  count--;
}

static void watch(struct client *c, bool change) {
  uint32_t events = c->length ? EPOLLOUT : c->busy ? 0 : EPOLLIN; /* what is not read cannot fill us */
  if (!loop_watch(epoll_fd, c->fd, events, loop_tag(EVENT_CLIENT, c->generation, (size_t)(c - clients)), change)) end(c);
}

void client_accept(int listener, int64_t now_ms) {
  int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  for (size_t i = 0; i < MAX_CLIENTS; i++) {
    struct client *c = &clients[i];
    if (c->used) continue;
    c->used = true;
    c->busy = c->pumping = false;
    c->fd = fd;
    c->ends_ms = now_ms + IDLE_MS;
    c->have = c->length = c->sent = 0;
    count++;
    return watch(c, false);
  }
  close(fd);
}

/* False where the connection is over. */
static bool send_out(struct client *c) {
  while (c->sent < c->length) {
    ssize_t sent = send(c->fd, c->out + c->sent, c->length - c->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    c->sent += (size_t)sent;
  }
  c->length = c->sent = 0;
  c->busy = false;
  return true;
}

/* Takes the questions that are whole, one after the other's answer. False where the connection is over. */
static bool take_questions(struct client *c, int64_t now_ms) {
  c->pumping = true;
  while (!c->busy && c->have >= 2) {
    uint8_t message[QUERY_MAX];
    size_t length = get16(c->in);
    if (length > QUERY_MAX || length == 0) return false;
    if (c->have < 2 + length) break;
    memcpy(message, c->in + 2, length);
    c->have -= 2 + length;
    memmove(c->in, c->in + 2 + length, c->have);
    c->busy = true;
    c->ends_ms = now_ms + IDLE_MS;
    struct route route = {.stream = true, .index = (uint16_t)(c - clients), .generation = c->generation};
    if (!resolve_query(message, length, &route, now_ms)) return false;
    if (c->length && !send_out(c)) return false;
  }
  c->pumping = false;
  return true;
}

void client_send(const struct route *route, const uint8_t *message, size_t length) {
  struct client *c = &clients[route->index];
  if (!c->used || c->generation != route->generation || !c->busy || length + 2 > sizeof c->out) return;
  put16(c->out, (uint32_t)length);
  memcpy(c->out + 2, message, length);
  c->length = length + 2;
  c->sent = 0;
  if (!c->pumping) watch(c, true); /* it goes out when the loop comes to it */
}

void client_event(size_t index, uint32_t generation, uint32_t events, int64_t now_ms) {
  if (index >= MAX_CLIENTS || !clients[index].used || (clients[index].generation & 0xffffff) != generation) return;
  struct client *c = &clients[index];
  if (events & EPOLLERR || (events & EPOLLHUP && !(events & EPOLLIN))) return end(c);
  if (c->length && !send_out(c)) return end(c);
  if (events & EPOLLIN && !c->busy) {
    ssize_t got = recv(c->fd, c->in + c->have, sizeof c->in - c->have, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return end(c);
    if (got > 0) c->have += (size_t)got;
  }
  if (!take_questions(c, now_ms)) return end(c);
  watch(c, true);
}

void client_tick(int64_t now_ms) {
  for (size_t i = 0; i < MAX_CLIENTS && count; i++)
    if (clients[i].used && clients[i].ends_ms <= now_ms) end(&clients[i]);
}

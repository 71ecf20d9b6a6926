/* The schedule is in web.c. One process; it wakes for answers, for the next turn and at the end of each window. */
#include "web.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

/* In nanoseconds. A connection without an answer for so long is begun anew: its server may have forgotten it. */
static const int64_t PERIOD = INT64_C(100000000), GIVE_UP = INT64_C(2000000000);

struct client {
  int fd;        /* -1: none */
  bool asks;     /* a request is to be sent */
  bool waits;    /* a request was sent */
  int64_t next;  /* when its next turn is */
  int64_t due;   /* when the turn was that is under way */
  uint64_t number;
  size_t got;
  unsigned char answer[WEB_HEAD + WEB_BYTES + 1];
};

struct load {
  struct client clients[WEB_CONNECTIONS];
  unsigned char file[WEB_BYTES];
  struct sockaddr_in to;
  int64_t bound, window_end;
  uint64_t asked;
  long window, good, late, wrong, worst_us;
};

static void hang_up(struct client *client) {
  if (client->fd >= 0) close(client->fd);
  client->fd = -1;
  client->asks = client->waits = false;
}

/* Turns that came while it waited are let go. */
static void let_turns_go(struct client *client, int64_t now) {
  while (client->next <= now) client->next += PERIOD;
}

static void ask(struct client *client) {
  char text[128];
  int length = snprintf(text, sizeof text, "GET /%llu HTTP/1.1\r\nHost: box\r\n\r\n", (unsigned long long)client->number);
  ssize_t n = send(client->fd, text, (size_t)length, MSG_NOSIGNAL);
  if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN)) return;
  if (n != length) return hang_up(client); /* so little fits a socket that is empty, or nothing does */
  client->asks = false;
  client->waits = true;
}

static void begin(struct load *load, struct client *client, int64_t now) {
  client->due = client->next;
  let_turns_go(client, now);
  if (client->fd < 0) {
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (client->fd < 0) return;
    if (connect(client->fd, (struct sockaddr *)&load->to, sizeof load->to) < 0 && errno != EINPROGRESS) return hang_up(client);
  }
  client->number = ++load->asked;
  client->got = 0;
  client->asks = true;
  ask(client);
}

/* 1 whole and true, 0 not whole, -1 false. */
static int judge(const struct load *load, struct client *client) {
  unsigned char wanted[WEB_BYTES];
  char fields[64];
  client->answer[client->got] = 0;
  const char *text = (const char *)client->answer, *end = strstr(text, "\r\n\r\n");
  if (!end) return client->got < WEB_HEAD ? 0 : -1;
  size_t head = (size_t)(end - text) + 4;
  snprintf(fields, sizeof fields, "\r\nContent-Length: %d\r\n", WEB_BYTES);
  const char *length = strstr(text, fields);
  if (strncmp(text, "HTTP/1.1 200 ", 13) || !length || length > end || client->got > head + WEB_BYTES) return -1;
  if (client->got < head + WEB_BYTES) return 0;
  web_body(load->file, client->number, wanted);
  return memcmp(wanted, client->answer + head, WEB_BYTES) ? -1 : 1;
}

static void hear(struct load *load, struct client *client) {
  ssize_t n = recv(client->fd, client->answer + client->got, sizeof client->answer - 1 - client->got, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return hang_up(client);
  client->got += (size_t)n;
  int is = judge(load, client);
  if (is == 0) return;
  int64_t now = price_clock_ns(), took = now - client->due;
  let_turns_go(client, now);
  if (took / 1000 > load->worst_us) load->worst_us = (long)(took / 1000);
  if (is < 0) load->wrong++;
  else if (took > load->bound) load->late++;
  else load->good++;
  client->waits = false;
  if (is < 0) hang_up(client);
}

static void tell_windows(struct load *load, int64_t now) {
  while (load->window_end <= now) {
    tell("good %ld late %ld false %ld worst %ld window %ld;", load->good, load->late, load->wrong, load->worst_us, load->window++);
    load->good = load->late = load->wrong = load->worst_us = 0;
    load->window_end += PERIOD;
  }
}

/* Returns false at the end of the input. */
static bool wait_for_more(struct load *load) {
  struct pollfd polled[WEB_CONNECTIONS + 1] = {{0, POLLIN, 0}};
  int64_t until = load->window_end, now = price_clock_ns();
  for (int i = 0; i < WEB_CONNECTIONS; i++) {
    const struct client *client = &load->clients[i];
    bool idle = !client->asks && !client->waits;
    if (idle && client->next < until) until = client->next;
    polled[i + 1] = (struct pollfd){client->fd, client->asks ? POLLOUT : POLLIN, 0};
  }
  int64_t left = until > now ? until - now : 0;
  struct timespec time = {left / 1000000000, left % 1000000000};
  if (ppoll(polled, WEB_CONNECTIONS + 1, &time, NULL) <= 0) return true;
  char rest[64];
  if (polled[0].revents && read(0, rest, sizeof rest) <= 0) return false;
  for (int i = 0; i < WEB_CONNECTIONS; i++) {
    if (!polled[i + 1].revents) continue;
    if (load->clients[i].asks) ask(&load->clients[i]);
    else hear(load, &load->clients[i]);
  }
  return true;
}

int web_load(uint16_t port, long bound_ms) {
  static struct load load;
  load.to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  load.bound = bound_ms * INT64_C(1000000);
  web_file(load.file);
  int64_t start = price_clock_ns();
  load.window_end = start + PERIOD;
  for (int i = 0; i < WEB_CONNECTIONS; i++) {
    load.clients[i].fd = -1;
    load.clients[i].next = start + i * PERIOD / WEB_CONNECTIONS;
  }
  do {
    int64_t now = price_clock_ns();
    tell_windows(&load, now);
    for (int i = 0; i < WEB_CONNECTIONS; i++) {
      struct client *client = &load.clients[i];
      if ((client->asks || client->waits) && now - client->due > GIVE_UP) hang_up(client), let_turns_go(client, now);
      if (!client->asks && !client->waits && client->next <= now) begin(&load, client, now);
    }
  } while (wait_for_more(&load));
  for (int i = 0; i < WEB_CONNECTIONS; i++) hang_up(&load.clients[i]);
  return 0;
}

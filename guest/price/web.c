/* A well-behaved web server and its load, both in the box.
 *
 * Theory of operation
 *
 * After Matthews et al., "Quantifying the Performance Isolation Properties of Virtualization Systems" (ExpCS 2007): what bad
 * neighbours do to good ones is told by how many good answers a web server gives (there SPECweb 2005). Two things differ. The clients
 * are in the same box as the server, as the default policy has no network and every engine has a loopback; so a stall of the box
 * stalls both, which the schedule below still counts. And the load is paced: it is far from what a healthy box can carry, so that two
 * processors are shared by bombs, not by loads.
 *
 * The load has a schedule: 20 connections that live on, a request each in every 100 ms, 5 ms apart. An answer is good if it is whole,
 * has the very bytes that this request must have, and came within a bound of when its request was DUE: what waits behind a stall is
 * late, though it was not sent yet (Tene's "coordinated omission"). A connection that is still waiting when its turn comes lets it go.
 * The server does a little of what servers do for each: it opens and reads a file, computes, and writes a line to its log.
 *
 *   price-web BOUND FOLDER…          both
 *   price-web-server FOLDER…         tells `port N` and serves
 *   price-web-load PORT BOUND        asks, and tells for each 100 ms by CLOCK_MONOTONIC, also for those that it slept through:
 *     good G late L false F worst US window K;
 *
 * All until standard input ends; BOUND is in milliseconds. */
#include "web.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* splitmix64 (Steele et al. 2014): neighbouring numbers have unlike streams. */
static uint64_t mix(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

void web_file(unsigned char ret_bytes[WEB_BYTES]) {
  uint64_t state = 2007;
  for (size_t at = 0; at < WEB_BYTES; at += sizeof state) {
    uint64_t word = mix(&state);
    memcpy(ret_bytes + at, &word, sizeof word);
  }
}

void web_body(const unsigned char file[WEB_BYTES], uint64_t number, unsigned char ret_body[WEB_BYTES]) {
  uint64_t state = number, word;
  for (size_t at = 0; at < WEB_BYTES; at += sizeof word) {
    memcpy(&word, file + at, sizeof word);
    word ^= mix(&state);
    memcpy(ret_body + at, &word, sizeof word);
  }
}

static int listen_here(uint16_t *ret_port) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof here;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&here, sizeof here) < 0 || listen(fd, 64) < 0 ||
      getsockname(fd, (struct sockaddr *)&here, &length) < 0)
    return -1;
  *ret_port = ntohs(here.sin_port);
  return fd;
}

static long bound(const char *word) {
  long ms = strtol(word, NULL, 10);
  return ms < 1 || ms > 10000 ? -1 : ms;
}

int run_web_server(int argc, char **argv) {
  uint16_t port;
  if (argc < 1) return 2;
  int listener = listen_here(&port);
  if (listener < 0) return refused();
  tell("port %u", (unsigned)port);
  return web_serve(listener, 0, argv);
}

int run_web_load(int argc, char **argv) {
  if (argc != 2 || bound(argv[1]) < 0) return 2;
  return web_load((uint16_t)strtol(argv[0], NULL, 10), bound(argv[1]));
}

int run_web(int argc, char **argv) {
  uint16_t port;
  int lets_go[2];
  if (argc < 2 || bound(argv[0]) < 0) return 2;
  int listener = listen_here(&port);
  if (listener < 0 || pipe(lets_go) < 0) return refused();
  pid_t server = fork();
  if (server < 0) return refused();
  if (server == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    close(lets_go[1]);
    _exit(web_serve(listener, lets_go[0], argv + 1));
  }
  close(listener), close(lets_go[0]);
  int code = web_load(port, bound(argv[0])), status = 0;
  close(lets_go[1]);
  waitpid(server, &status, 0);
  return code ? code : WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

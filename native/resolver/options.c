/* The command line: decision 016 lists it. It is trusted, and wrong words still end the start. */
#include "resolver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_number(const char *word, int64_t most, int64_t *ret) {
  char *end;
  errno = 0;
  *ret = strtoll(word, &end, 0);
  return word[0] >= '0' && word[0] <= '9' && *end == 0 && errno == 0 && *ret <= most;
}

static bool read_endpoint(const char *word, struct endpoint *ret) {
  struct sockaddr_in *four = (struct sockaddr_in *)&ret->address;
  memset(ret, 0, sizeof *ret);
  if (inet_pton(AF_INET, word, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    ret->length = sizeof *four;
  } else if (inet_pton(AF_INET6, word, &ret->address.sin6_addr) == 1) {
    ret->address.sin6_family = AF_INET6;
    ret->length = sizeof ret->address;
  } else return false;
  ret->family = ret->address.sin6_family;
  return true;
}

static bool read_option(const char *name, const char *value, struct options *ret) {
  int64_t number = 0;
  if (!strcmp(name, "--listen")) return ret->listen_count < MAX_LISTEN && read_endpoint(value, &ret->listen[ret->listen_count++]);
  if (!strcmp(name, "--upstream")) return ret->upstream_count < MAX_UPSTREAM && read_endpoint(value, &ret->upstream[ret->upstream_count++]);
  if (!strcmp(name, "--table")) return (ret->sets.table = value)[0] != 0 && strlen(value) <= 64;
  if (!strcmp(name, "--set4")) return (ret->sets.set4 = value)[0] != 0 && strlen(value) <= 32;
  if (!strcmp(name, "--set6")) return (ret->sets.set6 = value)[0] != 0 && strlen(value) <= 32;
  if (!strcmp(name, "--members4")) return range_from_text(value, &ret->members.range4) && ret->members.range4.bits == 24;
  if (!strcmp(name, "--members6")) return range_from_text(value, &ret->members.range6) && ret->members.range6.bits == 64;
  bool is_port = !strcmp(name, "--port") || !strcmp(name, "--upstream-port");
  if (!read_number(value, is_port ? UINT16_MAX : UINT32_MAX - 1, &number)) return false;
  if (!strcmp(name, "--port")) return ret->port = (uint16_t)number, number > 0;
  if (!strcmp(name, "--upstream-port")) return ret->upstream_port = (uint16_t)number, number > 0;
  if (!strcmp(name, "--mark")) return ret->mark = (uint32_t)number, true;
  if (!strcmp(name, "--policy-fd")) return ret->policy_fd = (int)number, number <= 1024;
  if (!strcmp(name, "--log-fd")) return ret->log.fd = (int)number, number <= 1024;
  if (!strcmp(name, "--log-other-fd")) return ret->log.other = (int)number, number <= 1024;
  if (!strcmp(name, "--log-bytes")) return ret->log.most = (uint64_t)number, number >= 4 * LOG_LINE;
  if (!strcmp(name, "--members-fd")) return ret->members.fd = (int)number, number <= 1024;
  if (!strcmp(name, "--names-fd")) return ret->names_fd = (int)number, number <= 1024;
  if (!strcmp(name, "--ready-fd")) return ret->ready_fd = (int)number, number <= 1024;
  if (!strcmp(name, "--uid")) return ret->uid = number, true;
  if (!strcmp(name, "--gid")) return ret->gid = number, true;
  return false;
}

/* Ports are the same in both families' addresses. */
static void set_ports(struct options *options) {
  for (size_t i = 0; i < options->listen_count; i++) options->listen[i].address.sin6_port = htons(options->port);
  for (size_t i = 0; i < options->upstream_count; i++) options->upstream[i].address.sin6_port = htons(options->upstream_port);
}

bool options_parse(int argc, char **argv, struct options *ret) {
  *ret = (struct options){.port = 53, .upstream_port = 53, .mark = 0x67620001, .policy_fd = -1, .names_fd = -1, .members.fd = -1, .ready_fd = -1, .log = {-1, -1, LOG_BYTES, LOG_RATE}, .uid = -1, .gid = -1,
                          .sets = {"glovebox", "allowed4", "allowed6", -1}};
  for (int i = 1; i < argc; i += 2)
    if (i + 1 >= argc || !read_option(argv[i], argv[i + 1], ret)) {
      fprintf(stderr, "glovebox-resolver: cannot use the option %s %s\n", argv[i], i + 1 < argc ? argv[i + 1] : "(nothing)");
      return false;
    }
  if (ret->listen_count == 0 || ret->upstream_count == 0 || ret->policy_fd < 0) {
    fprintf(stderr, "glovebox-resolver: --listen, --upstream and --policy-fd are needed\n");
    return false;
  }
  set_ports(ret);
  return true;
}

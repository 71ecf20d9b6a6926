/* The command line of glovebox-resolver flows: decision 20 lists it. */
#include "flow.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* The kernel looks for flows that are over now and then, so that their ends come by the ten thousand (nf_conntrack_core.c, gc_worker). */
enum { FLOW_RATE = 50000 };

static bool read_address(const char *word, struct address *ret) {
  *ret = (struct address){0};
  if (inet_pton(AF_INET, word, ret->bytes) == 1) return ret->family = 4, true;
  return inet_pton(AF_INET6, word, ret->bytes) == 1 && (ret->family = 6, true);
}

static bool read_option(const char *name, const char *value, struct flow_options *ret) {
  if (!strcmp(name, "--resolver")) return ret->quiet_count < MAX_QUIET && read_address(value, &ret->quiet[ret->quiet_count++]);
  char *end = NULL;
  long number = strtol(value, &end, 10);
  if (*end || end == value || number < 0) return false;
  if (!strcmp(name, "--group")) return ret->group = (uint16_t)number, number <= UINT16_MAX;
  if (!strcmp(name, "--receive-bytes")) return ret->receive_bytes = (int)number, number <= 1 << 30;
  if (!strcmp(name, "--log-bytes")) return ret->log.most = (uint64_t)number, number >= 4 * LOG_LINE;
  if (!strcmp(name, "--copy-bytes")) return ret->copy_bytes = (uint64_t)number, true;
  if (!strcmp(name, "--uid")) return ret->ids.uid = number, true;
  if (!strcmp(name, "--gid")) return ret->ids.gid = number, true;
  if (number > 1024) return false;
  if (!strcmp(name, "--log-fd")) return ret->log.fd = (int)number, true;
  if (!strcmp(name, "--log-other-fd")) return ret->log.other = (int)number, true;
  if (!strcmp(name, "--copy-fd")) return ret->copy_fd = (int)number, true;
  if (!strcmp(name, "--names-fd")) return ret->names_fd = (int)number, true;
  if (!strcmp(name, "--ready-fd")) return ret->ready_fd = (int)number, true;
  return false;
}

bool flow_options_parse(int argc, char **argv, struct flow_options *ret) {
  *ret = (struct flow_options){.log = {-1, -1, LOG_BYTES, FLOW_RATE}, .copy_fd = -1, .names_fd = -1, .ready_fd = -1, .receive_bytes = 8 << 20,
                               .copy_bytes = 1ull << 30, .ids = {.uid = -1, .gid = -1}};
  for (int i = 2; i < argc; i += 2)
    if (i + 1 >= argc || !read_option(argv[i], argv[i + 1], ret)) return false;
  return ret->log.fd >= 0;
}

/* A command as it comes over the wire, and becoming it: for a process of the server and for one that was started ahead. */
#ifndef GLOVEBOX_COMMAND_H
#define GLOVEBOX_COMMAND_H

#include "wire.h"

enum { COMMAND_WORDS_MAX = 4096, COMMAND_FIXED_WORDS = 4 };

struct command {
  const struct wire_command *fixed;
  const char *folder;
  char *arguments[COMMAND_WORDS_MAX + COMMAND_FIXED_WORDS + 1]; /* the guest program's own words come first */
  char *variables[COMMAND_WORDS_MAX + 1];
};

/* What is parsed points into `payload`; false for one that is not well formed. */
bool command_parse(const unsigned char *payload, size_t length, struct command *ret);
/* From a session leader with all rights to the command's streams, limits, folder and ids, without a capability. */
void command_enter(const struct wire_command *c, const char *folder, const int stdio[3]);

#endif

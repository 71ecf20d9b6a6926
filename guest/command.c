/* What a command is to be and how a process becomes it, as an OCI runtime does in a container. */
#include "guest.h"
#include "command.h"
#include "serve.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* The next string of the payload, or NULL behind its end. */
static char *next_string(const unsigned char **at, const unsigned char *end) {
  const unsigned char *zero = memchr(*at, 0, (size_t)(end - *at));
  if (!zero) return NULL;
  char *text = (char *)(uintptr_t)*at;
  *at = zero + 1;
  return text;
}

bool command_parse(const unsigned char *payload, size_t length, struct command *ret) {
  const struct wire_command *fixed = (const void *)payload;
  if (length < sizeof *fixed || fixed->group_count > 32 || fixed->argument_count == 0 ||
      fixed->argument_count > COMMAND_WORDS_MAX || fixed->variable_count > COMMAND_WORDS_MAX || fixed->read > WIRE_READ_LAST)
    return false;
  const unsigned char *at = payload + sizeof *fixed, *end = payload + length;
  ret->fixed = fixed;
  if (!(ret->folder = next_string(&at, end))) return false;
  static char program[] = GUEST_PROGRAM, init[] = "init", exec[] = "exec", off[] = "--landlock=off", dashes[] = "--";
  char *own[COMMAND_FIXED_WORDS] = {program, fixed->first ? init : exec, off, dashes};
  memcpy(ret->arguments, own, sizeof own);
  for (uint32_t i = 0; i < fixed->argument_count; i++)
    if (!(ret->arguments[COMMAND_FIXED_WORDS + i] = next_string(&at, end))) return false;
  ret->arguments[COMMAND_FIXED_WORDS + fixed->argument_count] = NULL;
  for (uint32_t i = 0; i < fixed->variable_count; i++)
    if (!(ret->variables[i] = next_string(&at, end))) return false;
  ret->variables[fixed->variable_count] = NULL;
  return at == end;
}

static void limit(int which, uint32_t most) {
  struct rlimit value = {most, most};
  if (most > 0 && setrlimit(which, &value) < 0) die("Cannot set a limit of the command: %s.", strerror(errno));
}

static void drop_privileges(const struct wire_command *c) {
  gid_t groups[32];
  for (uint32_t i = 0; i < c->group_count; i++) groups[i] = c->groups[i];
  become_user(c->uid, c->gid, groups, c->group_count);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) die("Cannot drop the privileges of the command: %s.", strerror(errno));
}

void command_enter(const struct wire_command *c, const char *folder, const int stdio[3]) {
  for (int i = 0; i < 3; i++)
    if (dup2(stdio[i], i) < 0) _exit(EXIT_OURS);
  if (c->terminal) ioctl(0, TIOCSCTTY, 0);
  struct rlimit core = {0, 0};
  setrlimit(RLIMIT_CORE, &core);
  limit(RLIMIT_NOFILE, c->open_files);
  limit(RLIMIT_NPROC, c->processes);
  /* With all rights still, as crun and runc do: a folder of another user is entered, and cannot be read. */
  if (chdir(folder) < 0) {
    say("Cannot enter the working folder %s: %s.", folder, strerror(errno));
    _exit(EXIT_NOT_FOUND);
  }
  drop_privileges(c);
  umask(022);
  default_signals();
}

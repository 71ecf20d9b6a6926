/* Landlock: one more wall around the command, where the kernel has it (Documentation/userspace-api/landlock.rst).
 *
 * Theory of operation
 *
 * The namespaces, seccomp and the lack of capabilities already keep the command inside. A Landlock domain says a
 * part of it again, in another piece of the kernel, so that one hole is not enough:
 * - no device node can be made (MAKE_CHAR, MAKE_BLOCK), not even the whiteouts that need no capability;
 * - no mount can be made or changed, which every domain that handles files forbids;
 * - no process outside of the domain can be traced, nor its /proc/PID/root or fd be entered;
 * - no abstract unix socket and no process outside of the domain can be reached (scopes, ABI 6), even if the network
 *   or pid namespace were the host's. TCP stays free: a box serves itself on its own loopback.
 *
 * A ruleset refuses renames and links across folders unless a rule allows them (REFER, ABI 2), so there is one rule:
 * REFER below "/". A kernel with ABI 1 always refuses them, which breaks programs, and gets no Landlock.
 * Device ioctls (ABI 5) are left free: terminals live on them, and the box's /dev holds nothing else to be wary of.
 *
 * A domain cannot be joined. A process that enters a running box gets one of its own, so scopes would part it from
 * the very processes it was sent to signal: it gets the rules on files only.
 *
 * Where Landlock exists and cannot be entered, the command is not started.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From linux/landlock.h, as a musl toolchain comes without the kernel's headers. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif
enum {
  CREATE_RULESET_VERSION = 1 << 0,
  RULE_PATH_BENEATH = 1,
  ACCESS_FS_MAKE_CHAR = 1 << 6,
  ACCESS_FS_MAKE_BLOCK = 1 << 11,
  ACCESS_FS_REFER = 1 << 13,
  SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0,
  SCOPE_SIGNAL = 1 << 1,
  ABI_REFER = 2,
  ABI_SCOPES = 6,
};
struct ruleset_attr {
  uint64_t handled_access_fs;
  uint64_t handled_access_net;
  uint64_t scoped;
};
struct path_beneath_attr {
  uint64_t allowed_access;
  int32_t parent_fd;
} __attribute__((packed));

/* 0 where the kernel has none, it is switched off, or a filter refuses the question. */
int landlock_version(void) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
  return version > 0 ? (int)version : 0;
}

/* An older kernel takes the longer struct as long as what it does not know is 0. */
static int create_ruleset(int version, enum landlock_scope scope) {
  struct ruleset_attr attr = {.handled_access_fs = ACCESS_FS_MAKE_CHAR | ACCESS_FS_MAKE_BLOCK | ACCESS_FS_REFER};
  if (version >= ABI_SCOPES && scope == LANDLOCK_WITH_SCOPES) attr.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
  return (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
}

static int allow_moves_below_root(int ruleset) {
  struct path_beneath_attr rule = {.allowed_access = ACCESS_FS_REFER};
  rule.parent_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (rule.parent_fd < 0) return -1;
  int result = (int)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
  close(rule.parent_fd);
  return result;
}

void landlock_enter(enum landlock_scope scope) {
  int version = landlock_version();
  if (version < ABI_REFER) return;
  int ruleset = create_ruleset(version, scope);
  if (ruleset < 0 || allow_moves_below_root(ruleset) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
      syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
    die("Cannot start the command: entering Landlock (ABI %d) failed: %s.", version, strerror(errno));
  close(ruleset);
}

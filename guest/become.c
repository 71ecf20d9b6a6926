/* From root to a user without a capability, for good (capabilities(7)). */
#include "guest.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/capability.h, which a static musl build does not see. */
struct capability_header { uint32_t version; int pid; };
struct capability_data { uint32_t effective, permitted, inheritable; };
enum { CAPABILITY_VERSION_3 = 0x20080522 };

void become_user(uid_t uid, gid_t gid, const gid_t *groups, size_t count) {
  for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) continue;
  if (setgroups(count, groups) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
    die("Cannot become the box's user: %s.", strerror(errno));
  struct capability_header header = {CAPABILITY_VERSION_3, 0};
  struct capability_data none[2] = {{0, 0, 0}, {0, 0, 0}};
  if (syscall(SYS_capset, &header, none) < 0) die("Cannot drop the capabilities of the box's user: %s.", strerror(errno));
}

/* The next number of the list and where it ends; false for what is none, or has no such end. */
static bool next_id(char **at, char end, unsigned *ret) {
  char *behind;
  if (**at < '0' || **at > '9') return false;
  errno = 0;
  unsigned long number = strtoul(*at, &behind, 10);
  if (errno != 0 || number >= UINT32_MAX || (*behind && (*behind != end || !behind[1]))) return false;
  *at = *behind ? behind + 1 : behind;
  *ret = (unsigned)number;
  return true;
}

bool become_words(char *words) {
  unsigned uid, gid, group;
  size_t count = 0, most = 0;
  if (!next_id(&words, ':', &uid) || !next_id(&words, ',', &gid)) return false;
  for (const char *at = words; *at; at++) most += *at == ',';
  gid_t *groups = calloc(most + 1, sizeof *groups);
  if (!groups) die("Cannot allocate memory for the groups of the box's user.");
  for (; *words; groups[count++] = group)
    if (!next_id(&words, ',', &group)) return false;
  /* So that /dev/stdout can be opened by its name, as behind any OCI runtime; what has an owner that is not ours to change keeps it. */
  for (int fd = 0; fd <= 2; fd++) (void)!fchown(fd, uid, gid);
  become_user(uid, gid, groups, count);
  free(groups);
  /* As it would be behind an execve(2) as that user; the ids' change has taken it (PR_SET_DUMPABLE(2const)). */
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  return true;
}

/* Filesystems by the new mount interface, which parses options before it asks for much (fsopen(2), CVE-2022-0185). Nothing is
 * ever attached to a folder: whatever is made goes with its descriptor. */
#include "kernel.h"
#include "probe.h"

#include <sys/syscall.h>

enum {
  FSOPEN = 430, FSCONFIG = 431, FSMOUNT = 432, /* the same on every architecture */
  SET_FLAG = 0, SET_STRING = 1, CREATE = 6,
};

static int config(int context, int command, const char *key, const char *value) {
  return (int)syscall(FSCONFIG, context, command, key, value, 0);
}

int detached(const char *type, const char *option, const char *value, bool mounted) {
  int context = (int)syscall(FSOPEN, type, 0);
  if (context < 0) return -1;
  bool cgroup = !strcmp(type, "cgroup");
  if ((cgroup && config(context, SET_FLAG, "none", NULL) < 0) ||
      (option && config(context, SET_STRING, option, value) < 0) || ((option || mounted) && config(context, CREATE, NULL, NULL) < 0))
    return -1;
  if (!mounted) return context;
  int root = (int)syscall(FSMOUNT, context, 0, 0);
  close(context);
  return root;
}

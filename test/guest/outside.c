/* Test fixture: `outside ROOT COMMAND…` runs the command with ROOT as its root folder and a working folder outside of
 * it, as a runtime with a leaked descriptor does (CVE-2024-21626). */
#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 3 || unshare(CLONE_NEWUSER) < 0 || chroot(argv[1]) < 0) return 99;
  execv(argv[2], argv + 2);
  return 99;
}

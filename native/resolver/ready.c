/* Whoever starts one of these programs learns from one byte that it does its work; from an end of file that it does not. */
#include "resolver.h"

#include <unistd.h>

void ready_tell(int fd) {
  if (fd < 0) return;
  ssize_t told = write(fd, "", 1);
  (void)told; /* nobody there who wants to know */
  close(fd);
}

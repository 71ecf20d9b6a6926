/* Words for a start that failed. */
#include "holder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The runtime's words hold names out of the image: what could drive a terminal (C0 and C1 controls) becomes "?". */
static void say_words(const char *failure) {
  char text[MESSAGE_TEXT + 1];
  snprintf(text, sizeof text, "%s", failure);
  for (unsigned char *at = (unsigned char *)text; *at; at++) {
    if ((*at < 0x20 && *at != '\n') || *at == 0x7f) *at = '?';
    if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) at[0] = at[1] = '?';
  }
  dprintf(2, "glovebox: %s\n", text);
}

/* The explaining program knows every runtime's own words, and then this process is that one; without it they stay raw. */
void explain_failure(const struct options *o, const char *failure) {
  int pipe_ends[2];
  if (o->status_fd >= 0) {
    write_all(o->status_fd, failure, strlen(failure));
    return;
  }
  if (!o->explain) {
    if (failure[0]) say_words(failure);
    else dprintf(2, "glovebox: The box could not be started.\n");
    return;
  }
  if (pipe(pipe_ends) < 0) return;
  write_all(pipe_ends[1], failure, strlen(failure));
  close(pipe_ends[1]);
  dup2(pipe_ends[0], 0);
  execl(o->explain, o->explain, o->explain_script, (char *)NULL);
  say_words(failure);
}

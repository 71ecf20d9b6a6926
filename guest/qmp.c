/* QMP, as far as it is needed: a line of JSON a command, and a line of JSON an answer or event (QEMU, qmp-spec).
 *
 * Theory of operation
 *
 * The guest's memory is a file that QEMU maps. To keep a machine, that mapping is shared, so the file has the memory
 * already when the machine stops, and only the state of its devices (0.4 MB) is written beside it: `x-ignore-shared`.
 * To go on, the file is mapped privately: a page is read when the guest first touches it, whatever the size of the
 * memory, and machines that came of one file share every page that none of them has written to (QEMU,
 * docs/system/vm-templating). QEMU connects to us and listens nowhere.
 */
#include "guest.h"
#include "monitor.h"
#include "qmp.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STATE_FILE "file:/machine/snapshot/state"

static const char *const save_commands[] = {
  "{\"execute\":\"qmp_capabilities\"}\n",
  "{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":["
  "{\"capability\":\"x-ignore-shared\",\"state\":true},{\"capability\":\"events\",\"state\":true}]}}\n",
  "{\"execute\":\"migrate\",\"arguments\":{\"uri\":\"" STATE_FILE "\"}}\n", NULL};
static const char *const resume_commands[] = {
  "{\"execute\":\"qmp_capabilities\"}\n",
  "{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":["
  "{\"capability\":\"x-ignore-shared\",\"state\":true}]}}\n",
  "{\"execute\":\"migrate-incoming\",\"arguments\":{\"uri\":\"" STATE_FILE "\"}}\n", NULL};

void qmp_init(struct qmp *q, enum qmp_act act) {
  *q = (struct qmp){.act = act, .listener = -1, .fd = -1, .may_start = act == QMP_RESUME};
  if (act != QMP_NONE) q->listener = listen_at(QMP_SOCKET, SOCK_STREAM);
}

int qmp_watch(const struct qmp *q) { return q->fd >= 0 ? q->fd : q->listener; }

static void send_step(struct qmp *q) {
  const char *const *commands = q->act == QMP_SAVE ? save_commands : resume_commands;
  const char *command = commands[q->step];
  if (command) {
    /* A few hundred bytes into an empty buffer of a socket: they go at once or not at all. */
    if (send(q->fd, command, strlen(command), MSG_NOSIGNAL) != (ssize_t)strlen(command))
      die("Cannot speak to the virtual machine's monitor: %s.", strerror(errno));
  } else if (q->act == QMP_RESUME) {
    q->done = true;
  }
}

void qmp_start(struct qmp *q) {
  q->may_start = true;
  if (q->greeted && q->step == 0) send_step(q);
}

static bool starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

static void take_line(struct qmp *q, const char *line) {
  if (starts_with(line, "{\"QMP\"")) {
    q->greeted = true;
    if (q->may_start) send_step(q);
  } else if (starts_with(line, "{\"return\"")) {
    q->step++;
    send_step(q);
  } else if (starts_with(line, "{\"error\"")) {
    die("QEMU cannot %s the machine's memory: %s", q->act == QMP_SAVE ? "keep" : "go on from", line);
  } else if (strstr(line, "\"MIGRATION\"")) {
    if (strstr(line, "\"failed\"")) die("QEMU cannot keep the machine's memory: %s", line);
    if (strstr(line, "\"completed\"")) q->done = true;
  }
}

void qmp_pump(struct qmp *q) {
  if (q->fd < 0 && q->listener >= 0) {
    q->fd = accept4(q->listener, NULL, NULL, SOCK_CLOEXEC);
    if (q->fd < 0) return;
    close(q->listener);
    q->listener = -1;
  }
  while (q->fd >= 0 && !q->done) {
    ssize_t n = recv(q->fd, q->line + q->have, sizeof q->line - 1 - q->have, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) { /* it has ended, and its own words say why */
      close(q->fd);
      q->fd = -1;
      return;
    }
    q->have += (size_t)n;
    q->line[q->have] = 0;
    for (char *end; !q->done && (end = strchr(q->line, '\n'));) {
      *end = 0;
      take_line(q, q->line);
      q->have -= (size_t)(end + 1 - q->line);
      memmove(q->line, end + 1, q->have + 1);
    }
    if (q->have == sizeof q->line - 1) die("QEMU's monitor says more than a line of %d bytes.", QMP_LINE_MAX);
  }
  if (q->fd >= 0 && q->done) {
    close(q->fd);
    q->fd = -1;
  }
}

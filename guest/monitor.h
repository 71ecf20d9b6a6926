/* Shared by the parts of the monitor (monitor*.c, attach.c). */
#ifndef GLOVEBOX_MONITOR_H
#define GLOVEBOX_MONITOR_H

#include "link.h"
#include "qmp.h"
#include "wire.h"

#include <poll.h>
#include <stdbool.h>

/* In the jail's own /tmp. */
#define CHANNEL_SOCKET "/tmp/channel"
#define ATTACH_SOCKET "/tmp/attach"
#define QMP_SOCKET "/tmp/qmp"
/* The box's own disk as a kept machine has left it; qmp.c has the name of the folder, too. */
#define SNAPSHOT_DISK "/machine/snapshot/disk"

struct monitor_options {
  bool vhost, verbose, kept, terminal;
  int devices; /* --kvm, --tap: descriptors from FIRST_DEVICE on, for the VMM alone */
  const char *empty_disk, *own_disk, *home_disk; /* the first is copied to the second where that is missing */
  enum qmp_act snapshot;
  const char *home, *network;
  uint64_t shared_bytes;
  uint32_t boot_seconds;             /* a guest that has not come up by then never will; 0: no bound */
  struct wire_command command;       /* ids and limits of the first command */
  const char *folder;
  char **arguments;                  /* ends with NULL */
  char **vmm;
};

/* monitor.c: a listening socket that does not block */
int listen_at(const char *path, int type);

/* monitor_options.c */
void monitor_parse(struct monitor_options *ret, char **words);
/* Reads --terminal, --user UID:GID[:GROUP…], --folder DIR, --processes N, --open-files N, --read WHAT; NULL for another word. */
char **command_option(struct wire_command *command, const char **folder, char **words);
/* The frame WIRE_SETUP; 0 where it does not fit. */
size_t setup_document(const struct monitor_options *o, char *text, size_t size);
/* Nothing where `to` is there already, unless it is to be filled. */
void disk_copy_sparse(const char *from, const char *to, bool fill);

/* monitor_session.c: one command of the guest, as it looks from outside. */
struct session {
  bool open;
  int exit_code;  /* -1 while it runs */
  int control;    /* of an attached command: signals come, the exit code goes; -1 for the first one */
  struct source in;
  struct sink out, err;
  unsigned char *command; /* what is sent with WIRE_OPEN */
  size_t command_length, announced; /* how much of it is sent */
};
/* What attach sends behind its command (handover.h). */
struct attach_event { uint32_t kind; uint32_t number; struct wire_size size; };
enum { ATTACH_SIGNAL, ATTACH_SIZE };

size_t command_document(const struct wire_command *fixed, const char *folder, char **arguments, char **variables,
                        unsigned char *ret, size_t size);
void session_first(struct session *s, const struct monitor_options *o);
bool session_attached(struct session *s, int fd);
/* Sends the command; false where not all of it is sent yet: then again when there is room. */
bool session_announce(struct session *s, struct wire *w, uint16_t number);
bool session_take(struct session *s, const struct wire_header *h, const unsigned char *payload);
void session_signal(struct session *s, struct wire *w, uint16_t number, int signal);
void session_control(struct session *s, struct wire *w, uint16_t number);
size_t session_watch(const struct session *s, const struct wire *w, struct pollfd *fds);
void session_end(struct session *s);
/* Bytes of a terminal go through as they are: the guest's own terminal edits and echoes. */
struct wire_size terminal_make_raw(int fd);
struct wire_size terminal_size(int fd);

#endif

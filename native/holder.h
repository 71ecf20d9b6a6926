/* Types and functions shared by the parts of glovebox-holder; the theory of operation heads main.c. */
#ifndef GLOVEBOX_HOLDER_H
#define GLOVEBOX_HOLDER_H

#define _GNU_SOURCE
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  MAX_ID_MAPS = 8,
  MAX_MOUNTS = 64,
  MAX_LOWERS = 128,
  MAX_CGROUPS = 8,
  MAX_ENV = 32,
  MAX_CLEANUPS = 4,
  MAX_COPIES = 16,
  GATE_PROGRAMS = 4,
  GATE_FILES = 6,
  GATE_WORDS = 40,
  GATE_SETTINGS = 32,
  PASTA_WORDS = 64,
};
enum { FAMILY_4 = 1, FAMILY_6 = 2 };
/* Files of the gate's programs that are there only when the box has joined its network (join.c). */
enum join_file { JOIN_TUN, JOIN_SOCKET, JOIN_FOLDER, JOIN_LIST, JOIN_FILES };

/* The holder's own exit codes; a box's command uses every other. */
enum { EXIT_OURS = 1, EXIT_USAGE = 2, EXIT_WALL = 124 };

/* kill(supervisor, SIGNAL_KILL_NOW) ends the box at once and still cleans up; a real-time signal, as no
 * program expects the launcher to pass one of these on. */
enum { SIGNAL_KILL_NOW = 40 };

enum verb { VERB_RUN, VERB_JOIN };
enum stdio_mode { STDIO_RELAY, STDIO_TTY, STDIO_INHERIT };

struct id_map { uint32_t inside, outside, length; };

/* MOUNT_VEILED is writable, too, but seen through an overlay, so that mountinfo(5) in the box does not tell where on
 * the host the folder lies. */
enum mount_kind { MOUNT_RO, MOUNT_RW, MOUNT_VEILED, MOUNT_TMPFS };
struct mount_request {
  enum mount_kind kind;
  uint32_t uid, gid;  /* MOUNT_VEILED: who owns the folder when it is new */
  const char *source; /* canonical once parsed; owned by argv or by realpath for the process' whole life */
  const char *target;
  uint64_t bytes;
};

/* A small file in the holder's root, so that a bind mount of it in the box shows no path of the host: a copy of one
 * that is opened with the user's rights, or a text of the command line, which is no place for secrets. */
struct copy_request { int fd; const char *text, *target; };

/* A program in the box's gate: its descriptors 3 and on, and its words. */
struct gate_program { int program, files[GATE_FILES], file_count; char **words; int word_count; };
struct setting { const char *name, *value; };

struct options {
  enum verb verb;
  struct id_map uid_maps[MAX_ID_MAPS], gid_maps[MAX_ID_MAPS];
  size_t uid_map_count, gid_map_count;
  bool host_network;
  struct mount_request mounts[MAX_MOUNTS];
  size_t mount_count;
  struct copy_request copies[MAX_COPIES];
  size_t copy_count;
  const char *started_file, *started_text; /* a runtime that stays: the box runs when the file holds the text */
  const char *lowers[MAX_LOWERS];
  size_t lower_count;
  const char *upper_dir;
  uint64_t upper_tmpfs_bytes;
  bool upper_disposable;
  enum stdio_mode stdio;
  bool detach_runtime; /* the runtime returns and leaves the box's pid in PID_FILE */
  uint64_t wall_ms, grace_ms;
  int status_fd;
  int kvm_fd; /* /dev/kvm, opened with the user's rights: descriptor 3 of the runtime, which the jail gets; or -1 */
  int gate_rules; /* nft(8) script; -1 for a box without a network */
  int gate_refused; /* what its sets of refused ranges hold, of the outer half alone (roam.c); or -1 */
  char *nft, *ip; /* programs of the host */
  const char *covered; /* a folder that the runtime of a box with a network is to see empty */
  const char *gate_tap, *gate_links, *box_links; /* name of a tap; ip(8) batches in the gate and in the box's namespace */
  unsigned char gate_families;
  struct setting settings[GATE_SETTINGS], box_settings[GATE_SETTINGS];
  size_t setting_count, box_setting_count;
  struct gate_program gate_programs[GATE_PROGRAMS];
  size_t gate_program_count;
  int pending_files[GATE_FILES], pending_count; /* of the next program */
  int pair_end; /* of a socket pair between two programs, for the second one; else 0 */
  const char *join_folder, *join_names, *join_interface, *join_links; /* of a network of boxes; NULL for none */
  int join_files[JOIN_FILES];                                         /* descriptors that keep the places of these files */
  char **pasta;
  int pasta_count;
  const char *log_path;
  uint64_t log_bytes;
  const char *cgroups[MAX_CGROUPS];
  int cgroup_fds[MAX_CGROUPS]; /* their cgroup.procs, of the outer half alone */
  size_t cgroup_count;
  const char *env[MAX_ENV + 1];
  size_t env_count;
  const char *state_dir;
  const char *journal, *journal_box; /* file of all events, and the name of this box in it */
  const char *cleanups[MAX_CLEANUPS];
  size_t cleanup_count;
  const char *explain; /* program that puts a failed start into words */
  const char *explain_script;
  pid_t join_pid;
  uint64_t join_start;
  const char *join_suffix; /* keeps the files of several joins in RUN_DIR apart */
  bool no_user_namespaces; /* the box's user namespace may hold no further one */
  bool die_with_parent;
  char **argv;
};

#define ROOTFS "/box/rootfs"
#define RUN_DIR "/box/run"
#define PID_FILE RUN_DIR "/pid"
#define CONSOLE_SOCKET RUN_DIR "/console"
#define RUNTIME_LOG RUN_DIR "/runtime.log"

/* message.c: one datagram a message between the two halves, with at most three descriptors on it. */
enum message_kind {
  MSG_GO = 1,   /* out→in: the id maps are written */
  MSG_SIGNAL,   /* out→in: value is a signal for the box */
  MSG_STDIO,    /* in→out: the outer ends of the box's stdin, stdout, stderr */
  MSG_CONSOLE,  /* in→out: the master of the box's terminal */
  MSG_STARTED,  /* in→out: the runtime has started the box */
  MSG_EXITED,   /* in→out: value is an exit code, 128+n for signal n */
  MSG_FAILED,   /* in→out: text says what could not be done */
  MSG_GATE,     /* gate→out: by its sender's pid, the anchor (value 0), which has no capability, and the keeper (1) */
  MSG_GATE_LOST, /* in→out: the gate's keeper has ended */
  MSG_JOINED    /* in→out: what holds the box's place in a network; value is its number there */
};
enum { MESSAGE_TEXT = 4096, MESSAGE_FDS = 3 };
struct message {
  int32_t kind;
  int32_t value;
  uint32_t text_length;
  char text[MESSAGE_TEXT];
  int fds[MESSAGE_FDS];
  int fd_count;
  pid_t sender; /* in the receiver's pid namespace, where it asked for it (SO_PASSCRED); else 0 */
};
int message_send(int socket, enum message_kind kind, int value, const char *text, size_t text_length,
                 const int *fds, int fd_count);
/* 1: a message, 0: the other half is gone, -1: error. */
int message_receive(int socket, struct message *ret_message);

/* options.c */
void options_parse(struct options *ret, int argc, char **argv);

/* namespace.c */
pid_t namespace_clone(const struct options *o, int *ret_control);
pid_t namespace_fork(int *ret_control);
int namespace_map(const struct options *o, pid_t holder);
void namespace_join(const struct options *o);
void namespace_lock(const struct options *o);
void namespace_loopback_up(void);
void namespace_new_network(void);

/* root.c, called in this order: each ends the process with a message on failure. */
void root_take(const struct options *o);
void root_become_owner(void);
void root_build(const struct options *o);
void root_mount_overlay(const struct options *o);
void root_cover(const struct options *o);
void root_copy_files(const struct options *o);

/* gate.c: the network of a box that has one */
struct gate { pid_t keeper; int tap, box, ready; unsigned number; };
void gate_open(const struct options *o, unsigned number, struct gate *ret);
void gate_start(const struct options *o, int control, struct gate *gate);
void gate_connect(const struct options *o, struct gate *gate);
void gate_end(const struct gate *gate);
void gate_close_files(const struct options *o);

/* join.c: a network of boxes */
unsigned join_open(const struct options *o, int control);
void join_fill(int fd, int place);
void join_links(const struct options *o, unsigned number, char *ret, size_t size);
void join_hold(int *joined, const struct message *m);
void join_leave(const struct options *o, const int *joined);
void join_tidy(const char *folder);

/* enter.c: into the gate of a running box. The verbs return where the command line is none of theirs. */
void enter_verbs(int argc, char **argv, pid_t parent);
_Noreturn void enter_gate(int pidfd, pid_t parent, char *const argv[]);

/* pasta.c: -1 where it cannot be started */
pid_t pasta_start(const struct options *o, pid_t anchor, int *ret_words);
void pasta_words(int fd, char *ret, size_t size);

/* roam.c: rules that follow the machine. A descriptor to wait for, or -1; `false` where they cannot follow. `pidfd`: the anchor. */
int roam_open(const struct options *o, int pidfd);
bool roam_step(const struct options *o, int fd, int pidfd);
const char *roam_words(void);

/* state.c: files of the box's folder, where it has one */
void state_write_supervisor(const struct options *o, pid_t holder);
void state_write_gate(const struct options *o, pid_t anchor, pid_t keeper);

/* quota.c: before the runtime starts; the counts once /proc is the holder's own. */
void quota_share_rlimits(void);
void quota_share_counts(void);

/* journal.c: appends an event; `rest` is more of its JSON object, from a comma on. */
void journal_write(const struct options *o, const char *type, const char *rest);

/* cgroup.c: the bound in bytes at which a process of the box was killed, else 0. */
uint64_t cgroups_bound_passed(const struct options *o);

/* inside.c */
_Noreturn void inside_run(const struct options *o, int control);

/* outside.c */
/* What can be done by path only while this process still is in the host's mount namespace. */
void outside_prepare(struct options *o);
int outside_run(const struct options *o, int control, pid_t holder);

/* explain.c */
void explain_failure(const struct options *o, const char *failure);

/* relay.c */
struct relay {
  int in, out;
  uint64_t passed;  /* bytes read so far */
  int log;      /* a second place for the bytes, or -1 */
  bool out_is_ours; /* `out` may be made non-blocking, as nobody else shares its open file description */
  size_t start, length;
  bool ended;
  int lost; /* why bytes could not be written, other than that nobody reads them; 0 where all were */
  char buffer[65536];
};
void relay_open(struct relay *r, int in, int out, int log, bool out_is_ours);
short relay_wants_in(const struct relay *r);
short relay_wants_out(const struct relay *r);
void relay_step(struct relay *r, short in_events, short out_events);
void relay_close(struct relay *r);

/* log.c: the box's output on disk, bounded: two halves, the older one dropped. */
int log_open(const char *path, uint64_t max_bytes);
void log_write(int fd, const char *bytes, size_t length);

/* remove.c: deletes what is below `path` (and itself); follows no symlink and crosses no mount. */
int remove_tree(int parent_fd, const char *name);

/* text.c */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
void die_to(int control); /* from now on die() tells the outer half */
int write_file(const char *path, const char *text);
int write_all(int fd, const void *bytes, size_t length);
uint64_t process_start_time(pid_t pid);

#endif

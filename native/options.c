/* The command line: long options only, each with the number of values it takes. Its one caller is Glovebox itself,
 * so an unknown word is a bug there and ends the program. */
#include "holder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static _Noreturn void usage(const char *what, const char *word) {
  dprintf(2, "glovebox-holder: %s%s%s\n"
             "usage: glovebox-holder run|join|gate|reread|tidy [OPTION VALUE…] -- COMMAND…  (see native/README.md)\n",
          what, word ? ": " : "", word ? word : "");
  _exit(EXIT_USAGE);
}

static uint64_t number(const char *text) {
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, 10);
  if (errno || *end || end == text || *text == '-') usage("not a whole number", text);
  return value;
}

static void add_map(struct id_map *maps, size_t *count, char **values) {
  if (*count == MAX_ID_MAPS) usage("too many id maps", NULL);
  uint64_t parts[3];
  for (int i = 0; i < 3; i++) {
    parts[i] = number(values[i]);
    if (parts[i] >= UINT32_MAX) usage("an id is out of range", values[i]);
  }
  maps[(*count)++] = (struct id_map){(uint32_t)parts[0], (uint32_t)parts[1], (uint32_t)parts[2]};
}

/* Canonical, as the holder looks it up below a root of its own, where an absolute symlink would lead astray. */
static const char *canonical(const char *path) {
  char *real = realpath(path, NULL);
  if (!real) die("Cannot find %s: %s.", path, strerror(errno));
  return real;
}

static const char *absolute(const char *path) {
  if (*path != '/' || strstr(path, "/../") || strstr(path, "/./")) usage("not an absolute path", path);
  return path;
}

static void add_mount(struct options *o, enum mount_kind kind, char **values) {
  if (o->mount_count == MAX_MOUNTS) usage("too many mounts", NULL);
  struct mount_request *m = &o->mounts[o->mount_count++];
  m->kind = kind;
  if (kind == MOUNT_TMPFS) {
    m->target = absolute(values[0]);
    m->bytes = number(values[1]);
  } else {
    m->source = canonical(values[0]);
    m->target = absolute(values[1]);
  }
}

static void add_copy(struct options *o, char **values) {
  if (o->copy_count == MAX_COPIES) usage("too many copies", NULL);
  int fd = open(values[0], O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) die("Cannot open %s: %s.", values[0], strerror(errno));
  o->copies[o->copy_count++] = (struct copy_request){fd, NULL, absolute(values[1])};
}

static void add_text(struct options *o, char **values) {
  if (o->copy_count == MAX_COPIES) usage("too many copies", NULL);
  o->copies[o->copy_count++] = (struct copy_request){-1, values[0], absolute(values[1])};
}

/* With the user's rights, which may be those of a group; the subordinate ids have none. Nothing else gets in by this word. */
static int open_kvm(const char *path) {
  struct stat st;
  int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) die("Cannot open %s: %s.", path, strerror(errno));
  if (fstat(fd, &st) < 0 || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(10, 232)) /* linux/miscdevice.h, KVM_MINOR */
    die("Cannot give %s to a virtual machine: it is not the device of KVM.", path);
  return fd;
}

static int open_for_gate(const char *path, int flags) {
  int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) die("Cannot open %s: %s.", path, strerror(errno));
  return fd;
}

/* A file that the user names to be written for them: theirs by their own rights, and a file. Nothing is waited for. */
static int open_of_user(const char *path, bool fresh) {
  struct stat st;
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) die("Cannot write to %s: %s.", path, errno == ELOOP ? "it is a symbolic link" : strerror(errno));
  if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) die("Cannot write to %s: it is no file.", path);
  if (fresh && flock(fd, LOCK_EX | LOCK_NB) < 0) die("Cannot write to %s: another box does.", path);
  if (fresh && (fchmod(fd, 0600) < 0 || ftruncate(fd, 0) < 0)) die("Cannot make the file %s anew: %s.", path, strerror(errno));
  return fd;
}

static void add_pending(struct options *o, int fd) {
  if (o->pending_count == GATE_FILES) usage("too many files of a program", NULL);
  o->pending_files[o->pending_count++] = fd;
}

static void add_gate_file(struct options *o, char **values) {
  const char *how = values[0], *path = values[1];
  if (!strcmp(how, "read")) add_pending(o, open_for_gate(path, O_RDONLY));
  else if (!strcmp(how, "log")) add_pending(o, open_for_gate(path, O_RDWR | O_APPEND | O_CREAT));
  else if (!strcmp(how, "append-user")) add_pending(o, open_of_user(path, false));
  else if (!strcmp(how, "fresh-user")) add_pending(o, open_of_user(path, true));
  else usage("unknown way to open a file", how);
}

/* The first time one end of a socket pair, the second time the other. */
static void add_gate_pair(struct options *o) {
  int ends[2] = {o->pair_end, -1};
  if (ends[0] == 0 && socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) die("Cannot make a socket pair for the gate: %s.", strerror(errno));
  o->pair_end = ends[1] < 0 ? 0 : ends[1];
  add_pending(o, ends[0]);
}

/* Its file is there later: until then its place is kept. */
static void add_joined_file(struct options *o, const char *what) {
  static const char *const names[JOIN_FILES] = {"tun", "socket", "folder", "list"};
  for (int i = 0; i < JOIN_FILES; i++) {
    if (strcmp(what, names[i])) continue;
    o->join_files[i] = open_for_gate("/dev/null", O_RDWR);
    add_pending(o, o->join_files[i]);
    return;
  }
  usage("unknown file of a network of boxes", what);
}

static void add_gate_program(struct options *o, char **values, int word_count) {
  if (o->gate_program_count == GATE_PROGRAMS) usage("too many programs", NULL);
  struct gate_program *p = &o->gate_programs[o->gate_program_count++];
  *p = (struct gate_program){.program = open_for_gate(values[0], O_RDONLY), .file_count = o->pending_count, .words = values + 1, .word_count = word_count - 1};
  memcpy(p->files, o->pending_files, sizeof p->files);
  o->pending_count = 0;
}

static void set_stdio(struct options *o, const char *word) {
  if (!strcmp(word, "relay")) o->stdio = STDIO_RELAY;
  else if (!strcmp(word, "tty")) o->stdio = STDIO_TTY;
  else if (!strcmp(word, "inherit")) o->stdio = STDIO_INHERIT;
  else usage("unknown way of standard input and output", word);
}

#define PUSH(list, count, most, value)                    \
  do {                                                    \
    if ((count) == (most)) usage("too many values", name); \
    (list)[(count)++] = (value);                          \
  } while (0)

/* Returns how many words the option took. */
static int apply(struct options *o, const char *name, char **v, int left) {
#define TAKES(count) \
  if (left < (count)) usage("a value is missing", name); \
  else taken = (count)
  int taken = 0;
  if (!strcmp(name, "--map-uid")) { TAKES(3); add_map(o->uid_maps, &o->uid_map_count, v); }
  else if (!strcmp(name, "--map-gid")) { TAKES(3); add_map(o->gid_maps, &o->gid_map_count, v); }
  else if (!strcmp(name, "--host-network")) o->host_network = true;
  else if (!strcmp(name, "--ro")) { TAKES(2); add_mount(o, MOUNT_RO, v); }
  else if (!strcmp(name, "--rw")) { TAKES(2); add_mount(o, MOUNT_RW, v); }
  else if (!strcmp(name, "--veiled")) {
    TAKES(4);
    add_mount(o, MOUNT_VEILED, v);
    o->mounts[o->mount_count - 1].uid = (uint32_t)number(v[2]);
    o->mounts[o->mount_count - 1].gid = (uint32_t)number(v[3]);
  }
  else if (!strcmp(name, "--copy")) { TAKES(2); add_copy(o, v); }
  else if (!strcmp(name, "--text")) { TAKES(2); add_text(o, v); }
  else if (!strcmp(name, "--started-when")) { TAKES(2); o->started_file = v[0]; o->started_text = v[1]; }
  else if (!strcmp(name, "--tmpfs")) { TAKES(2); add_mount(o, MOUNT_TMPFS, v); }
  else if (!strcmp(name, "--lower")) { TAKES(1); PUSH(o->lowers, o->lower_count, MAX_LOWERS, canonical(v[0])); }
  else if (!strcmp(name, "--upper")) { TAKES(1); o->upper_dir = canonical(v[0]); }
  else if (!strcmp(name, "--upper-tmpfs")) { TAKES(1); o->upper_tmpfs_bytes = number(v[0]); }
  else if (!strcmp(name, "--upper-disposable")) o->upper_disposable = true;
  else if (!strcmp(name, "--stdio")) { TAKES(1); set_stdio(o, v[0]); }
  else if (!strcmp(name, "--detach-runtime")) o->detach_runtime = true;
  else if (!strcmp(name, "--wall-ms")) { TAKES(1); o->wall_ms = number(v[0]); }
  else if (!strcmp(name, "--grace-ms")) { TAKES(1); o->grace_ms = number(v[0]); }
  else if (!strcmp(name, "--journal")) { TAKES(2); o->journal = absolute(v[0]); o->journal_box = v[1]; }
  else if (!strcmp(name, "--kvm")) { TAKES(1); o->kvm_fd = open_kvm(v[0]); }
  else if (!strcmp(name, "--gate-rules")) { TAKES(1); o->gate_rules = open_for_gate(v[0], O_RDONLY); }
  else if (!strcmp(name, "--gate-refused")) { TAKES(1); o->gate_refused = open_for_gate(v[0], O_RDWR | O_APPEND); }
  else if (!strcmp(name, "--gate-tools")) { TAKES(2); o->nft = v[0]; o->ip = v[1]; }
  else if (!strcmp(name, "--gate-cover")) { TAKES(1); o->covered = absolute(v[0]); }
  else if (!strcmp(name, "--gate-tap")) { TAKES(1); o->gate_tap = v[0]; }
  else if (!strcmp(name, "--gate-links")) { TAKES(1); o->gate_links = v[0]; }
  else if (!strcmp(name, "--box-links")) { TAKES(1); o->box_links = v[0]; }
  else if (!strcmp(name, "--gate-families")) { TAKES(1); o->gate_families = (unsigned char)number(v[0]); }
  else if (!strcmp(name, "--box-setting")) { TAKES(2); PUSH(o->box_settings, o->box_setting_count, GATE_SETTINGS, ((struct setting){v[0], v[1]})); }
  else if (!strcmp(name, "--gate-setting")) { TAKES(2); PUSH(o->settings, o->setting_count, GATE_SETTINGS, ((struct setting){v[0], v[1]})); }
  else if (!strcmp(name, "--gate-file")) { TAKES(2); add_gate_file(o, v); }
  else if (!strcmp(name, "--gate-join")) {
    TAKES(4);
    o->join_folder = absolute(v[0]);
    o->join_names = v[1];
    o->join_interface = v[2];
    o->join_links = v[3];
  }
  else if (!strcmp(name, "--gate-joined")) { TAKES(1); add_joined_file(o, v[0]); }
  else if (!strcmp(name, "--gate-pair")) add_gate_pair(o);
  else if (!strcmp(name, "--gate-program")) {
    int count = left < 1 ? 0 : (int)number(v[0]);
    if (count < 2 || count > GATE_WORDS) usage("not a count of words", name);
    TAKES(count + 1);
    add_gate_program(o, v + 1, count);
  }
  else if (!strcmp(name, "--pasta")) {
    int count = left < 1 ? 0 : (int)number(v[0]);
    if (count < 1 || count > PASTA_WORDS) usage("not a count of words", name);
    TAKES(count + 1);
    o->pasta = v + 1;
    o->pasta_count = count;
  }
  else if (!strcmp(name, "--status-fd")) { TAKES(1); o->status_fd = (int)number(v[0]); }
  else if (!strcmp(name, "--log")) { TAKES(2); o->log_path = v[0]; o->log_bytes = number(v[1]); }
  else if (!strcmp(name, "--cgroup")) { TAKES(1); PUSH(o->cgroups, o->cgroup_count, MAX_CGROUPS, v[0]); }
  else if (!strcmp(name, "--env")) { TAKES(1); PUSH(o->env, o->env_count, MAX_ENV, v[0]); }
  else if (!strcmp(name, "--state")) { TAKES(1); o->state_dir = v[0]; }
  else if (!strcmp(name, "--cleanup")) { TAKES(1); PUSH(o->cleanups, o->cleanup_count, MAX_CLEANUPS, v[0]); }
  else if (!strcmp(name, "--explain")) { TAKES(2); o->explain = v[0]; o->explain_script = v[1]; }
  else if (!strcmp(name, "--target")) {
    TAKES(3);
    o->join_pid = (pid_t)number(v[0]);
    o->join_start = number(v[1]);
    o->join_suffix = v[2];
    if (strchr(v[2], '/') || strlen(v[2]) > 32) usage("not a suffix", v[2]);
  }
  else if (!strcmp(name, "--no-user-namespaces")) o->no_user_namespaces = true;
  else if (!strcmp(name, "--die-with-parent")) o->die_with_parent = true;
  else usage("unknown option", name);
  return taken;
}

void options_parse(struct options *o, int argc, char **argv) {
  *o = (struct options){.status_fd = -1, .kvm_fd = -1, .gate_rules = -1, .gate_refused = -1, .stdio = STDIO_INHERIT, .join_suffix = "", .grace_ms = 10000};
  if (argc < 2) usage("a verb is missing", NULL);
  if (!strcmp(argv[1], "run")) o->verb = VERB_RUN;
  else if (!strcmp(argv[1], "join")) o->verb = VERB_JOIN;
  else usage("unknown verb", argv[1]);
  int at = 2;
  while (at < argc && strcmp(argv[at], "--")) {
    const char *name = argv[at++];
    at += apply(o, name, argv + at, argc - at);
  }
  if (at >= argc - 1) usage("a command is missing", NULL);
  o->argv = argv + at + 1;
  if (o->verb == VERB_JOIN && o->join_pid <= 0) usage("join takes --target", NULL);
  if (o->verb != VERB_JOIN && (o->uid_map_count == 0 || o->gid_map_count == 0)) usage("id maps are missing", NULL);
  if (o->gate_rules >= 0 && (!o->nft || o->gate_refused < 0 || !o->gate_links || o->pasta_count == 0 || o->gate_families == 0)) usage("a gate takes --gate-tools, --gate-refused, --gate-links, --gate-families and --pasta", NULL);
  for (int i = 0; i < JOIN_FILES; i++)
    if (o->join_folder && o->join_files[i] == 0) usage("--gate-join takes each file of --gate-joined", NULL);
  if (o->lower_count > 0 && !o->upper_dir && o->upper_tmpfs_bytes == 0) usage("layers take --upper or --upper-tmpfs", NULL);
}

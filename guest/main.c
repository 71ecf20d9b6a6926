/* glovebox-guest: what Glovebox itself runs inside a box.
 *
 * Theory of operation
 *
 * One static program, bound read-only into boxes of any image: it counts on no library, file or shell there. It runs
 * with the rights of the box's user, whom process 1 becomes first in gVisor (become.c), without capabilities, under the
 * box's seccomp filter and also on gVisor's kernel, so it uses few system calls and takes a refusal of the newer ones as
 * an answer. It is not a wall: a process of the box may kill or trace it and can forge what it says. The host treats its
 * output as the box's.
 *
 *   init [--receive-buffers BYTES] [--become UID:GID[,GROUP…]] [--landlock=off] -- COMMAND…
 *                                       process 1: starts the command, passes signals on, reaps, ends as it does
 *   exec [--landlock=off] -- COMMAND…   becomes the command, for a process that joins a running box
 *   get PATH…                           writes a tar archive of the paths to stdout
 *   put [--as NAME] DIR                 unpacks a tar archive from stdin below DIR
 *   pause                               waits for a signal: the command of a box that others run commands in
 *   monitor …                           in the jail of a virtual machine: starts it and stands for its command
 *   attach …                            the same for a further command in it
 *   probe …                             the isolation exam's inside half: probe/probe.c
 *   landlock                            prints the kernel's Landlock ABI, 0 for none
 *
 * Parts: receive.c mends a kernel, become.c is no root any more, landlock.c walls off, launch.c becomes the command,
 * init.c waits for it; get.c walks and tar_write.c encodes, tar_read.c parses and put.c writes files; say.c says what
 * went wrong. The archive's parser knows no file and no descriptor, so that a fuzzer can drive it (test/guest/fuzz_put.c).
 */
#include "guest.h"
#include "probe/probe.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Noreturn static void usage(void) {
  static const char text[] =
      "usage: glovebox-guest init [--receive-buffers BYTES] [--become UID:GID[,GROUP…]] [--landlock=off] -- COMMAND [ARGUMENT…]\n"
      "       glovebox-guest exec [--landlock=off] -- COMMAND [ARGUMENT…]\n"
      "       glovebox-guest get PATH…\n"
      "       glovebox-guest put [--as NAME] DIR\n"
      "       glovebox-guest pause\n"
      "       glovebox-guest landlock\n";
  write_all(2, text, sizeof text - 1);
  _exit(EXIT_USAGE);
}

/* `words` begin behind the verb; returns the command, in front of which lies the "--". */
static char **command_of(char **words, bool *ret_landlock) {
  *ret_landlock = true;
  for (; *words && strcmp(*words, "--") != 0; words++) {
    if (strcmp(*words, "--landlock=off") != 0) usage();
    *ret_landlock = false;
  }
  if (!words[0] || !words[1]) usage();
  return words + 1;
}

static int run_init(char **words) {
  bool landlock;
  /* Before anything of the image is looked at: until then we may be root. */
  if (words[0] && strcmp(words[0], "--receive-buffers") == 0) {
    if (!words[1]) usage();
    receive_buffers(words[1]);
    words += 2;
  }
  if (words[0] && strcmp(words[0], "--become") == 0) {
    if (!words[1] || !become_words(words[1])) usage();
    words += 2;
  }
  char **command = command_of(words, &landlock);
  refuse_outer_folder();
  if (landlock) landlock_enter(LANDLOCK_WITH_SCOPES);
  return init_run(command);
}

static int run_exec(char **words) {
  bool landlock;
  char **command = command_of(words, &landlock);
  refuse_outer_folder();
  if (landlock) landlock_enter(LANDLOCK_FILES_ONLY);
  default_signals();
  return launch(command);
}

static int run_put(char **words) {
  const char *as = NULL;
  if (words[0] && strcmp(words[0], "--as") == 0) {
    if (!(as = words[1])) usage();
    words += 2;
  }
  if (!words[0] || words[1]) usage();
  return put_directory(words[0], as);
}

static int print_landlock(void) {
  char text[16];
  int length = snprintf(text, sizeof text, "%d\n", landlock_version());
  return write_all(1, text, (size_t)length) < 0 ? EXIT_OURS : 0;
}

/* Also by the name of the program, as a sandbox's command line may have no room for a verb. */
static bool is_probe(int argc, char **argv) {
  const char *slash = strrchr(argv[0], '/');
  return strcmp(slash ? slash + 1 : argv[0], "glovebox-probe") == 0 || (argc > 1 && strcmp(argv[1], "probe") == 0);
}

/* What it inherits is part of what it asks, so nothing is closed. */
static int run_probe(int argc, char **argv) {
  char **words = argv + 1;
  if (words[0] && strcmp(words[0], "probe") == 0) words++;
  int count = argc - (int)(words - argv);
  if (count == 0) return probe_serve();
  if (strcmp(words[0], "pty") == 0 && count > 1) return probe_terminal(words + 1);
  if (strcmp(words[0], "box") == 0) return probe_box(count - 1, words + 1);
  return probe_verb(count, words);
}

int main(int argc, char **argv) {
  if (getpid() == 1 && strcmp(argv[0], "/init") == 0) serve_run(); /* the kernel of a virtual machine starts us */
  if (is_probe(argc, argv)) return run_probe(argc, argv);
  keep_only_descriptors(FIRST_DEVICE - 1 + monitor_devices(argv));
  if (argc < 2) usage();
  const char *verb = argv[1];
  char **words = argv + 2;
  if (strcmp(verb, "init") == 0) return run_init(words);
  if (strcmp(verb, "exec") == 0) return run_exec(words);
  if (strcmp(verb, "get") == 0 && argc > 2) return get_paths(words);
  if (strcmp(verb, "put") == 0) return run_put(words);
  if (strcmp(verb, "monitor") == 0) return monitor_run(words);
  if (strcmp(verb, "attach") == 0) return attach_run(words);
  if (strcmp(verb, "held") == 0 && argc == 2) return held_run();
  if (strcmp(verb, "pause") == 0 && argc == 2)
    for (;;) pause();
  if (strcmp(verb, "landlock") == 0 && argc == 2) return print_landlock();
  usage();
}

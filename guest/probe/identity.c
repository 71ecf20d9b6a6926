/* Who the host and its user are. All of it is told as it is found; the outer half compares it with what it knows of the host. */
#include "identity.h"

#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <sys/utsname.h>

extern char **environ;

enum { MOST_MATCHES = 400 };

static int run_host_name(int argc, char **argv) {
  (void)argc, (void)argv;
  struct utsname name;
  if (uname(&name) == 0) tell("%s", name.nodename);
  tell_text("/proc/sys/kernel/hostname");
  tell_text("/etc/hostname");
  return 0;
}

static void tell_variable(const char *name) {
  const char *value = getenv(name);
  if (value) tell("%s", value);
}

static int run_account(int argc, char **argv) {
  (void)argc, (void)argv;
  const struct passwd *account = getpwuid(getuid());
  if (account) tell("%s", account->pw_name);
  tell_variable("USER");
  tell_variable("LOGNAME");
  return 0;
}

static int run_folders(int argc, char **argv) {
  (void)argc, (void)argv;
  static const char *const variables[] = {"HOME", "PWD", "OLDPWD"};
  char path[PATH_MAX];
  for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) tell_variable(variables[i]);
  ssize_t n = readlink("/proc/self/cwd", path, sizeof path);
  if (n > 0) tell("%.*s", (int)n, path);
  return 0;
}

static int run_kernel(int argc, char **argv) {
  (void)argc, (void)argv;
  struct utsname name;
  if (uname(&name) == 0) tell("%s %s", name.release, name.version);
  tell_text("/proc/version");
  return 0;
}

/* Its own, and those of whoever started it in here. */
static int run_environment(int argc, char **argv) {
  (void)argc, (void)argv;
  for (char **variable = environ; *variable; variable++) tell("%.4000s", *variable);
  tell_text("/proc/1/environ");
  return 0;
}

/* matches PATTERN…: each file with its first line */
static int run_matches(int argc, char **argv) {
  for (int i = 0; i < argc; i++) {
    glob_t found;
    if (glob(argv[i], 0, NULL, &found) != 0) continue;
    for (size_t j = 0; j < found.gl_pathc && j < MOST_MATCHES; j++) {
      char text[256];
      int fd = open(found.gl_pathv[j], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
      ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
      if (fd >= 0) close(fd);
      if (n < 0) continue;
      text[n] = 0;
      tell("%s %.*s", found.gl_pathv[j], (int)strcspn(text, "\n"), text);
    }
    globfree(&found);
  }
  return 0;
}

const struct verb identity_verbs[] = {{"host-name", run_host_name},
                                      {"account", run_account},
                                      {"folders", run_folders},
                                      {"kernel", run_kernel},
                                      {"environment", run_environment},
                                      {"matches", run_matches},
                                      {"network", run_network},
                                      {"cpu", run_cpu},
                                      {"clocks", run_clocks},
                                      {"clock-error", run_clock_error},
                                      {"send-cpu", run_send_cpu},
                                      {"hear-cpu", run_hear_cpu},
                                      {"send-crowd", run_send_crowd},
                                      {"hear-crowd", run_hear_crowd},
                                      {"with-host-name", run_with_host_name},
                                      {"with-mount", run_with_mount},
                                      {"with-network", run_with_network},
                                      {"beside", run_beside},
                                      {NULL, NULL}};

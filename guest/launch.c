/* Becoming the command: looked up and refused in the way of a shell, so that 126 and 127 mean what they mean there.
 *
 * Theory of operation
 *
 * A name with a slash is a path; any other is looked for in $PATH, an empty entry meaning the current folder (POSIX,
 * "Command Search and Execution"). The first executable file wins; a file that is there without being executable is
 * remembered, so that its refusal (126) is said instead of "not found" (127). Nothing is allocated: the one longer
 * argument vector, /bin/sh for a script without "#!", grows into the slot in front of the command.
 *
 * execve(2) says little about why. ENOENT on a file that is there means its interpreter, ENOEXEC a foreign machine
 * or no format at all: so the file's first bytes are read and the interpreter is named. These bytes are the image's:
 * lengths are bounded by the buffer, and what is shown is escaped.
 */
#include "guest.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SHELL "/bin/sh"
/* Where $PATH is not set: what Debian's login(1) gives, with the folders of the administrator. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum { HEAD_BYTES = 4096 };
struct head {
  size_t length;
  unsigned char bytes[HEAD_BYTES + 1]; /* ends with 0, for the string functions */
};

static void read_head(const char *path, struct head *ret) {
  ret->length = 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  ssize_t n = fd < 0 ? 0 : pread(fd, ret->bytes, HEAD_BYTES, 0);
  if (fd >= 0) close(fd);
  if (n > 0) ret->length = (size_t)n;
  ret->bytes[ret->length] = 0;
}

/* The interpreter behind "#!" (execve(2), "Interpreter scripts"), or NULL. */
static const char *script_interpreter(struct head *head) {
  char *text = (char *)head->bytes;
  if (head->length < 3 || text[0] != '#' || text[1] != '!') return NULL;
  text[strcspn(text, "\n")] = 0;
  char *name = text + 2 + strspn(text + 2, " \t");
  name[strcspn(name, " \t")] = 0;
  return *name ? name : NULL;
}

/* A part's type and place (elf(5)); false where the table does not lie in the head. */
static bool program_header(const struct head *head, bool wide, size_t index, uint32_t *ret_type, uint64_t *ret_offset) {
  union { Elf32_Ehdr narrow; Elf64_Ehdr wide; } file;
  union { Elf32_Phdr narrow; Elf64_Phdr wide; } part;
  size_t size = wide ? sizeof part.wide : sizeof part.narrow;
  if (head->length < sizeof file) return false;
  memcpy(&file, head->bytes, sizeof file);
  uint64_t table = wide ? file.wide.e_phoff : file.narrow.e_phoff;
  size_t count = wide ? file.wide.e_phnum : file.narrow.e_phnum;
  if (index >= count || table > head->length || index * size + size > head->length - table) return false;
  memcpy(&part, head->bytes + table + index * size, size);
  *ret_type = wide ? part.wide.p_type : part.narrow.p_type;
  *ret_offset = wide ? part.wide.p_offset : part.narrow.p_offset;
  return true;
}

/* The dynamic loader that PT_INTERP names, where it and the table lie in the head; also of a 32-bit program, whose
 * loader is what an image most often lacks. */
static const char *loader(const struct head *head) {
  if (head->length <= EI_CLASS || memcmp(head->bytes, ELFMAG, SELFMAG) != 0) return NULL;
  bool wide = head->bytes[EI_CLASS] == ELFCLASS64;
  uint32_t type;
  uint64_t offset;
  for (size_t i = 0; program_header(head, wide, i, &type, &offset); i++)
    if (type == PT_INTERP) return offset < head->length ? (const char *)head->bytes + offset : NULL;
  return NULL;
}

static const char *interpreter_of(struct head *head) {
  const char *script = script_interpreter(head);
  return script ? script : loader(head);
}

static bool is_elf(const struct head *head) {
  return head->length >= SELFMAG && memcmp(head->bytes, ELFMAG, SELFMAG) == 0;
}

/* A shell runs what has no format as a script unless the first line holds a NUL (POSIX leaves it to the shell;
 * bash's check_binary_file and dash do so). */
static bool looks_like_text(const struct head *head) {
  const void *end = memchr(head->bytes, '\n', head->length);
  size_t first_line = end ? (size_t)((const unsigned char *)end - head->bytes) : head->length;
  return memchr(head->bytes, 0, first_line) == NULL;
}

static int refuse_missing(const char *path) {
  struct head head;
  struct stat file;
  read_head(path, &head);
  const char *needed = interpreter_of(&head);
  if (lstat(path, &file) < 0 || (S_ISLNK(file.st_mode) && stat(path, &file) < 0))
    say("%s: command not found in the image", path);
  else if (!needed)
    say("%s: cannot be executed: a file that it needs is not in the image", path);
  else if (access(needed, F_OK) < 0)
    say("%s: cannot be executed: its interpreter %s is not in the image", path, needed);
  else
    say("%s: cannot be executed: what its interpreter %s needs is not in the image", path, needed);
  return EXIT_NOT_FOUND;
}

static int refuse_access(const char *path) {
  struct head head;
  struct stat file;
  struct statvfs system;
  read_head(path, &head);
  const char *needed = interpreter_of(&head);
  if (stat(path, &file) < 0) say("%s: cannot be executed: %s", path, strerror(errno));
  else if (S_ISDIR(file.st_mode)) say("%s: cannot be executed: it is a directory", path);
  else if (!S_ISREG(file.st_mode)) say("%s: cannot be executed: it is not a regular file", path);
  else if (access(path, X_OK) < 0 && statvfs(path, &system) == 0 && (system.f_flag & ST_NOEXEC))
    say("%s: cannot be executed: its file system is mounted noexec", path);
  else if (access(path, X_OK) < 0)
    say("%s: permission denied: it is not executable for uid %u (mode %04o)", path, (unsigned)geteuid(),
        (unsigned)file.st_mode & 07777);
  else if (needed && access(needed, X_OK) < 0)
    say("%s: cannot be executed: its interpreter %s is not executable", path, needed);
  else say("%s: permission denied", path);
  return EXIT_NOT_EXECUTABLE;
}

static int refuse(const char *path, int error) {
  if (error == ENOENT) return refuse_missing(path);
  if (error == EACCES) return refuse_access(path);
  say("%s: cannot be executed: %s", path, strerror(error));
  return EXIT_NOT_EXECUTABLE;
}

/* The file has no format that the kernel knows. */
static int launch_without_format(const char *path, char **command) {
  static char dashed[PATH_MAX + 2];
  struct head head;
  read_head(path, &head);
  if (is_elf(&head)) {
    say("%s: cannot be executed: it was built for another kind of processor, or is damaged", path);
    return EXIT_NOT_EXECUTABLE;
  }
  if (!looks_like_text(&head)) {
    say("%s: cannot be executed: it is neither a program nor a script", path);
    return EXIT_NOT_EXECUTABLE;
  }
  snprintf(dashed, sizeof dashed, "%s%s", path[0] == '-' ? "./" : "", path); /* the shell must not see an option */
  command[-1] = (char *)SHELL;
  command[0] = dashed;
  execv(SHELL, command - 1);
  int error = errno;
  say("%s: cannot be executed: it is a script without a first line \"#!\", and " SHELL " cannot run it: %s", path,
      strerror(error));
  return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

static int launch_path(const char *path, char **command) {
  execv(path, command);
  return errno == ENOEXEC ? launch_without_format(path, command) : refuse(path, errno);
}

static bool is_file(const char *path) {
  struct stat file;
  return stat(path, &file) == 0 && S_ISREG(file.st_mode);
}

/* Writes "ENTRY/name" and steps over the entry; 0 at the end of the list, -1 for an entry that is too long. */
static int next_candidate(const char **list, const char *name, char *ret, size_t size) {
  const char *entry = *list;
  if (!entry) return 0;
  size_t length = strcspn(entry, ":");
  *list = entry[length] == ':' ? entry + length + 1 : NULL;
  if (length >= size) return -1;
  int written = length == 0 ? snprintf(ret, size, "./%s", name)
                            : snprintf(ret, size, "%.*s/%s", (int)length, entry, name);
  return written > 0 && (size_t)written < size ? 1 : -1;
}

int launch(char **command) {
  static char candidate[PATH_MAX], not_executable[PATH_MAX];
  const char *name = command[0];
  const char *list = getenv("PATH");
  if (strchr(name, '/')) return launch_path(name, command);
  if (!list || !*list) list = DEFAULT_PATH;
  for (int found; *name && (found = next_candidate(&list, name, candidate, sizeof candidate)) != 0;) {
    if (found < 0 || !is_file(candidate)) continue;
    if (access(candidate, X_OK) == 0) return launch_path(candidate, command);
    if (!*not_executable) memcpy(not_executable, candidate, sizeof not_executable);
  }
  if (*not_executable) return refuse(not_executable, EACCES);
  say("%s: command not found in the image", name);
  return EXIT_NOT_FOUND;
}

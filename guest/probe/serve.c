/* Requests and answers, a line each; words are separated by single spaces, and bytes outside of 0x21 to 0x7e and "%" itself are
 * written %XX; "%-" is the empty word.
 *
 *   > N VERB [WORD…]   a child carries it out       < glovebox-probe 1     once, when this program runs
 *   > N .              its standard input ends      < N + TEXT             what it wrote
 *   > N !              it is killed                 < N = CODE             its end: exit code, or 128 + signal
 *   > N last VERB …    the same, and nothing is read behind it: what comes of it may lie in the terminal's input
 *   > N last VERB …    this program itself carries it out, as the last thing that it does, and ends
 *
 * Many requests may be under way. A child that writes more than MOST_OUTPUT is read on and not passed on. The end of
 * standard input kills all children and ends this program. */
#include "probe.h"

#include <poll.h>
#include <signal.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>

enum { MOST_AT_ONCE = 64, MOST_WORDS = 64, MOST_LINE = 16384, MOST_OUTPUT = 256 * 1024, CHUNK = 2048 };

struct job {
  long number;
  pid_t pid; /* 0: this slot is free */
  int in, out;
  size_t told;
};

static struct job jobs[MOST_AT_ONCE];
static bool last;

static void write_whole(const char *text, size_t length) {
  while (length > 0) {
    ssize_t n = write(1, text, length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) _exit(1);
    text += n;
    length -= (size_t)n;
  }
}

static void answer(long number, char sign, const char *text, size_t length) {
  static const char hex[] = "0123456789abcdef";
  char line[3 * CHUNK + 64];
  size_t at = (size_t)snprintf(line, sizeof line, "%ld %c ", number, sign);
  if (length == 0) at += (size_t)snprintf(line + at, 4, "%%-");
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)text[i];
    if (byte > 0x20 && byte < 0x7f && byte != '%') {
      line[at++] = (char)byte;
    } else {
      line[at++] = '%';
      line[at++] = hex[byte >> 4];
      line[at++] = hex[byte & 15];
    }
  }
  line[at++] = '\n';
  write_whole(line, at);
}

static int digit(char c) {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; false where it is not written as above. */
static bool decode(char *word) {
  char *to = word;
  if (!strcmp(word, "%-")) return *word = 0, true;
  for (char *from = word; *from;) {
    if (*from != '%') {
      *to++ = *from++;
      continue;
    }
    int high = digit(from[1]), low = high < 0 ? -1 : digit(from[2]);
    if (low < 0 || high + low == 0) return false;
    *to++ = (char)(high << 4 | low);
    from += 3;
  }
  *to = 0;
  return true;
}

static struct job *find(long number) {
  for (int i = 0; i < MOST_AT_ONCE; i++)
    if (jobs[i].pid && jobs[i].number == number) return &jobs[i];
  return NULL;
}

static void end_input(struct job *job) {
  if (job->in >= 0) close(job->in);
  job->in = -1;
}

/* The group of the child: what it started goes with it, as far as it stayed there. */
static void end_child(const struct job *job) { kill(-job->pid, SIGKILL); }

_Noreturn static void become(const int in[2], const int out[2], int argc, char **argv) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); /* with the server, however that ends */
  dup2(in[0], 0);
  dup2(out[1], 1);
  close(in[0]), close(in[1]), close(out[0]), close(out[1]);
  for (int i = 0; i < MOST_AT_ONCE; i++) /* other children's ends: they would never see the end of their input */
    if (jobs[i].pid) {
      if (jobs[i].in >= 0) close(jobs[i].in);
      close(jobs[i].out);
    }
  signal(SIGPIPE, SIG_DFL);
  int code = probe_verb(argc, argv);
  fflush(stdout);
  _exit(code);
}

static void begin(long number, int argc, char **argv) {
  struct job *job = NULL;
  for (int i = 0; i < MOST_AT_ONCE && !job; i++)
    if (!jobs[i].pid) job = &jobs[i];
  int in[2], out[2];
  if (!job || pipe(in) < 0) return answer(number, '=', "125", 3);
  if (pipe(out) < 0) {
    close(in[0]), close(in[1]);
    return answer(number, '=', "125", 3);
  }
  pid_t pid = fork();
  if (pid == 0) become(in, out, argc, argv);
  close(in[0]), close(out[1]);
  if (pid < 0) {
    close(in[1]), close(out[0]);
    return answer(number, '=', "125", 3);
  }
  setpgid(pid, pid);
  *job = (struct job){number, pid, in[1], out[0], 0};
}

/* What is put into the terminal's input must find nobody who reads it before the user's shell does. */
_Noreturn static void be_last(int argc, char **argv) {
  for (int i = 0; i < MOST_AT_ONCE; i++)
    if (jobs[i].pid) end_child(&jobs[i]);
  _exit(probe_verb(argc, argv));
}

static void obey(char *line) {
  char *words[MOST_WORDS + 1];
  int count = 0;
  for (char *rest = line, *word; (word = strsep(&rest, " "));)
    if (count == MOST_WORDS || !decode(word)) return;
    else words[count++] = word;
  words[count] = NULL;
  if (count < 2) return;
  long number = strtol(words[0], NULL, 10);
  struct job *job = find(number);
  if (!strcmp(words[1], "last") && count > 2) {
    last = true;
    return begin(number, count - 2, words + 2);
  }
  if (!strcmp(words[1], "last") && count > 2) be_last(count - 2, words + 2);
  if (job && !strcmp(words[1], ".")) end_input(job);
  else if (job && !strcmp(words[1], "!")) end_child(job);
  else if (!job && strcmp(words[1], ".") && strcmp(words[1], "!")) begin(number, count - 1, words + 1);
}

/* The child has closed its output: it has ended, or will have soon. One that lives on without an output is ended. */
static void finish(struct job *job) {
  int status = 0;
  close(job->out);
  end_input(job);
  for (int i = 0; waitpid(job->pid, &status, WNOHANG) == 0; i++) {
    if (i == 100) end_child(job);
    usleep(5000);
  }
  char code[16];
  int n = snprintf(code, sizeof code, "%d", WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  answer(job->number, '=', code, (size_t)n);
  job->pid = 0;
}

static void pass_on(struct job *job) {
  char text[CHUNK];
  ssize_t n = read(job->out, text, sizeof text);
  if (n < 0 && errno == EINTR) return;
  if (n <= 0) return finish(job);
  if (job->told < MOST_OUTPUT) answer(job->number, '+', text, (size_t)n);
  job->told += (size_t)n;
}

/* Returns false at the end of the input. A line that is too long is dropped whole. */
static bool read_requests(void) {
  static char line[MOST_LINE];
  static size_t length;
  static bool dropping;
  char text[4096];
  ssize_t n = read(0, text, sizeof text);
  if (n < 0 && errno == EINTR) return true;
  if (n <= 0) return false;
  for (ssize_t i = 0; i < n; i++) {
    if (text[i] == '\r') continue;
    if (text[i] == '\n') {
      line[length] = 0;
      if (!dropping && length > 0) obey(line);
      length = 0;
      dropping = false;
    } else if (length + 1 < sizeof line) {
      line[length++] = text[i];
    } else {
      dropping = true;
    }
  }
  return true;
}

/* On a terminal the requests are no keystrokes: no echo, no line editing, no signals (termios(3)). */
static void make_raw(void) {
  struct termios mode;
  if (tcgetattr(0, &mode) < 0) return;
  cfmakeraw(&mode);
  tcsetattr(0, TCSANOW, &mode);
}

int probe_serve(void) {
  static const char hello[] = "glovebox-probe 1\n";
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTTOU, SIG_IGN);
  make_raw();
  write_whole(hello, sizeof hello - 1);
  for (;;) {
    struct pollfd fds[1 + MOST_AT_ONCE] = {{last ? -1 : 0, POLLIN, 0}};
    bool busy = false;
    for (int i = 0; i < MOST_AT_ONCE; i++) fds[1 + i] = (struct pollfd){jobs[i].pid ? jobs[i].out : -1, POLLIN, 0};
    if (poll(fds, 1 + MOST_AT_ONCE, -1) < 0 && errno != EINTR) return 1;
    for (int i = 0; i < MOST_AT_ONCE; i++)
      if (fds[1 + i].revents && jobs[i].pid) pass_on(&jobs[i]);
    for (int i = 0; i < MOST_AT_ONCE; i++) busy = busy || jobs[i].pid;
    if (last && !busy) break;
    if (fds[0].revents && !read_requests()) break;
  }
  for (int i = 0; i < MOST_AT_ONCE; i++)
    if (jobs[i].pid) end_child(&jobs[i]);
  return 0;
}

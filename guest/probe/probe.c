/* The inside half of the isolation exam.
 *
 * Theory of operation
 *
 * One static program, the same in every sandbox, asked by the outer half (src/exam) over standard input and output:
 *
 *   probe                        serves: a line a request, each carried out by a child of its own (serve.c)
 *   probe VERB [WORD…]           carries out one request
 *   probe box [--open=HOLE]… -- COMMAND…   the reference box: closed but for the named holes (box.c)
 *   probe pty [--type=TEXT] -- COMMAND…   runs the command on a new terminal and tells what is left in its input (pty.c)
 *
 * It never asks which technology it runs under, and what it says decides nothing by itself: an answer counts only if it
 * carries a nonce that the outer half has planted, or if a witness outside has seen the deed. Errnos are told for people.
 * Everything is bounded by the outer half's words: how much, how long. Verbs lie in one file for each group of probes.
 */
#include "probe.h"

#include "../price/price.h"

#include <poll.h>

#include <stdarg.h>

static const struct verb *const groups[] = {
    files_verbs,   process_verbs,    kernel_verbs,      identity_verbs, terminal_verbs, desktop_verbs,
    network_verbs, exhaustion_verbs, persistence_verbs, machine_verbs,  own_verbs,
    price_verbs,   price_processor_verbs, price_kernel_verbs, price_files_verbs, price_network_verbs, price_neighbour_verbs,
    price_host_verbs, price_root_verbs};

void tell(const char *format, ...) {
  va_list list;
  va_start(list, format);
  vprintf(format, list);
  va_end(list);
  putchar('\n');
  fflush(stdout);
}

int refused(void) {
  int why = errno;
  tell("errno %d %s", why, strerror(why));
  return 1;
}

void hold(void) {
  char rest[64];
  while (read(0, rest, sizeof rest) > 0) continue;
}

bool let_go(void) {
  struct pollfd input = {0, POLLIN, 0};
  return poll(&input, 1, 0) != 0;
}

int probe_verb(int argc, char **argv) {
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    for (const struct verb *verb = groups[i]; verb->name; verb++)
      if (!strcmp(argv[0], verb->name)) return verb->run(argc - 1, argv + 1);
  return 2;
}

static int run_echo(int argc, char **argv) {
  for (int i = 0; i < argc; i++) tell("%s", argv[i]);
  return 0;
}

static int run_crash(int argc, char **argv) {
  (void)argc, (void)argv;
  abort();
}

_Noreturn static int run_hang(int argc, char **argv) {
  (void)argc, (void)argv;
  for (;;) pause();
}

_Noreturn static int run_flood(int argc, char **argv) {
  (void)argc, (void)argv;
  for (;;) puts("flood");
}

/* For the exam's own examination: an answer, and what goes wrong with one. */
const struct verb own_verbs[] = {
    {"echo", run_echo}, {"crash", run_crash}, {"hang", run_hang}, {"flood", run_flood}, {NULL, NULL}};

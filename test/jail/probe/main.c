#include "probe.h"

int probe_say(long result) {
  if (result >= 0) printf("ok\n");
  else printf("errno %d\n", errno);
  return 0;
}

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
  } verbs[] = {{"call", probe_call}, {"ipc", probe_ipc}, {"socket", probe_socket}, {"use", probe_use},
               {"terminal", probe_terminal}};
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (size_t i = 0; argc > 2 && i < sizeof verbs / sizeof *verbs; i++)
    if (!strcmp(argv[1], verbs[i].name)) return verbs[i].run(argc - 2, argv + 2);
  fprintf(stderr, "probe: no such verb\n");
  return 2;
}

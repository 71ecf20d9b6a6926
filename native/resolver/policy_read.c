/* The text of a policy (decision 016). Wrong in one place is wrong as a whole, as half a policy allows or refuses what nobody asked for. */
#include "resolver.h"

#include <string.h>
#include <unistd.h>

enum { MAX_WORDS = 8 };

static const char *read_class(const char *word, uint64_t *ret) {
  unsigned number = 0;
  for (const char *c = word; *c; c++) {
    if (*c < '0' || *c > '9' || c - word > 1) return "a class is a number from 0 to 63";
    number = number * 10 + (unsigned)(*c - '0');
  }
  if (!*word || number >= CLASSES) return "a class is a number from 0 to 63";
  *ret = 1ull << number;
  return NULL;
}

enum verb { VERB_ALLOW, VERB_DENY, VERB_INWARD };

static const char *read_name(struct policy *policy, const char *word, enum verb verb, uint64_t classes) {
  bool below = word[0] == '*' && word[1] == '.';
  struct name name, lower;
  if (below) word += 2;
  if (!name_from_text(word, strlen(word), &name)) return "this is no name: letters, digits, - and _ between dots, and *. only in front";
  name_lower(&name, &lower);
  struct entry *entry = policy_entry(policy, &lower, true);
  if (!entry) return "there are more names than 16,000";
  if (verb == VERB_DENY) entry->marks |= below ? DENY_BELOW : DENY_EXACT;
  else if (below) entry->below |= classes;
  else entry->exact |= classes;
  if (verb == VERB_INWARD) entry->marks |= below ? INWARD_BELOW : INWARD_EXACT;
  return NULL;
}

static const char *read_range(struct range *ranges, size_t *count, const char *word) {
  if (*count == MAX_RANGES) return "there are more ranges than 256";
  if (!range_from_text(word, &ranges[*count])) return "this is no range: ADDRESS/BITS, without bits behind the prefix";
  (*count)++;
  return NULL;
}

static const char *read_types(struct policy *policy, char *const *words, size_t count) {
  static const struct { const char *name; uint16_t type; } known[] = {{"MX", TYPE_MX}, {"SRV", TYPE_SRV}, {"TXT", TYPE_TXT}, {"PTR", TYPE_PTR}};
  for (size_t i = 0; i < count; i++) {
    uint32_t bit = 0;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
      if (strcmp(words[i], known[k].name) == 0) bit = policy_type_bit(known[k].type);
    if (!bit) return "types are MX, SRV, TXT and PTR";
    policy->types |= bit;
  }
  return NULL;
}

/* A name that is ours has only the addresses that are given here. */
static const char *read_host(struct policy *policy, const char *word, const char *address) {
  struct name name;
  struct range range;
  if (policy->host_count == MAX_HOSTS) return "there are more hosts than 512";
  if (!name_from_text(word, strlen(word), &name)) return "this is no name: letters, digits, - and _ between dots";
  if (strchr(address, '/') || !range_from_text(address, &range)) return "this is no address";
  struct host *host = &policy->hosts[policy->host_count++];
  name_lower(&name, &host->name);
  host->address = range.address;
  return NULL;
}

static size_t split(char *line, char **ret) {
  size_t count = 0;
  for (char *at = line, *word; (word = strtok_r(at, " \t", &at)) != NULL && count < MAX_WORDS;) {
    if (word[0] == '#') break;
    ret[count++] = word;
  }
  return count;
}

const char *policy_line(struct policy *policy, const char *text, bool *ret_end) {
  char line[MAX_LINE + 1], *words[MAX_WORDS];
  size_t length = strlen(text);
  if (length > MAX_LINE) return "a line has at most 300 bytes";
  memcpy(line, text, length + 1);
  size_t count = split(line, words);
  if (count == 0) return NULL;
  const char *verb = words[0];
  if (strcmp(verb, "any") == 0 && count == 1) return policy->any = true, NULL;
  if (strcmp(verb, "end") == 0 && count == 1) return *ret_end = true, NULL;
  if (strcmp(verb, "types") == 0 && count > 1) return read_types(policy, words + 1, count - 1);
  if (strcmp(verb, "refuse") == 0 && count == 2) return read_range(policy->refuse, &policy->refuse_count, words[1]);
  if (strcmp(verb, "grant") == 0 && count == 2) return read_range(policy->grant, &policy->grant_count, words[1]);
  if (strcmp(verb, "deny") == 0 && count == 2) return read_name(policy, words[1], VERB_DENY, 0);
  if (strcmp(verb, "host") == 0 && count == 3) return read_host(policy, words[1], words[2]);
  bool inward = strcmp(verb, "inward") == 0;
  if ((inward || strcmp(verb, "allow") == 0) && (count == 2 || count == 3)) {
    uint64_t classes = 1;
    const char *why = count == 3 ? read_class(words[2], &classes) : NULL;
    return why ? why : read_name(policy, words[1], inward ? VERB_INWARD : VERB_ALLOW, classes);
  }
  return "lines are: any, allow NAME [CLASS], inward NAME [CLASS], deny NAME, host NAME ADDRESS, types TYPE…, refuse RANGE, grant RANGE, end";
}

static void empty(struct policy *policy) {
  memset(policy, 0, offsetof(struct policy, entries));
  static const uint16_t always[] = {TYPE_A, TYPE_AAAA, TYPE_CNAME, TYPE_HTTPS, TYPE_SVCB};
  for (size_t i = 0; i < sizeof always / sizeof *always; i++) policy->types |= policy_type_bit(always[i]);
}

/* Reads it from the beginning of a file. */
bool policy_load(int fd, struct policy *ret, struct policy_problem *ret_problem) {
  char chunk[4096], line[MAX_LINE + 1];
  size_t used = 0;
  bool end = false;
  off_t at = 0;
  ssize_t got;
  *ret_problem = (struct policy_problem){1, NULL};
  empty(ret);
  while ((got = pread(fd, chunk, sizeof chunk, at)) > 0) {
    at += got;
    if (at > MAX_POLICY_BYTES) return ret_problem->why = "a policy has at most 1 MiB", false;
    for (ssize_t i = 0; i < got; i++) {
      char c = chunk[i];
      if (c != '\n') {
        if (c == 0 || used == MAX_LINE) return ret_problem->why = c ? "a line has at most 300 bytes" : "there is a zero byte", false;
        line[used++] = c;
        continue;
      }
      line[used] = 0;
      used = 0;
      if (end) return ret_problem->why = "something stands behind the end", false;
      ret_problem->why = policy_line(ret, line, &end);
      if (ret_problem->why) return false;
      ret_problem->line++;
    }
  }
  if (got < 0) ret_problem->why = "the file cannot be read";
  else if (!end || used > 0) ret_problem->why = "the last line must be: end";
  return ret_problem->why == NULL;
}

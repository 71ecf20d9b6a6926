/* Fuzzing of what the kernel tells of the machine's addresses and routes (native/roam.c). `fuzz_roam COUNT SEED` makes COUNT messages;
 * the same seed makes the same ones.
 *
 * Claims, beside what ASan and UBSan look for (each message lies in memory of exactly its size):
 * - an address, or a network without a gateway, of a message that was not spoilt is covered afterwards; one behind a gateway is not;
 * - what is remembered has no bit behind its prefix, none is covered by an earlier one, and there are no more than fit;
 * - what is written of it is read as the same again. */
#include "../../native/roam.c"
#include "../support/fuzz.h"

void journal_write(const struct options *o, const char *type, const char *rest) { (void)o, (void)type, (void)rest; }
void pasta_words(int fd, char *ret, size_t size) { (void)fd, (void)ret, (void)size; }
void enter_gate(int pidfd, pid_t parent, char *const argv[]) { (void)pidfd, (void)parent, (void)argv; abort(); }
int write_all(int fd, const void *bytes, size_t length) { return write(fd, bytes, length) == (ssize_t)length ? 0 : -1; }

static uint8_t bytes[4096];
static size_t used;

static void put(const void *from, size_t length) {
  memcpy(bytes + used, from, length);
  used += length;
}
static void put_attribute(uint16_t type, const void *value, size_t length) {
  struct attribute head = {(uint16_t)(sizeof head + length), type};
  put(&head, sizeof head);
  if (length) put(value, length);
  while (used % 4) put("", 1);
}

static struct range some_range(bool whole) {
  struct range range = {.family = below(2) ? AF_INET : AF_INET6};
  const int length = range.family == AF_INET ? 4 : 16;
  range.bits = (uint8_t)(whole ? 8 * length : 1 + (int)below(8 * (uint64_t)length));
  for (int i = 0; i < length; i++) range.bytes[i] = (uint8_t)(below(3) ? below(4) : next_random());
  return range;
}

static void put_hops(bool by_gateway) {
  uint8_t hops[128];
  size_t length = 0, last = 1 + below(3);
  for (size_t i = 0; i <= last; i++) {
    bool gateway = by_gateway || i != last;
    struct attribute head = {sizeof head + 4, RTA_GATEWAY_};
    struct hop hop = {(uint16_t)(sizeof hop + (gateway ? sizeof head + 4 : 0)), 0, 0, 2};
    memcpy(hops + length, &hop, sizeof hop);
    length += sizeof hop;
    if (!gateway) continue;
    memcpy(hops + length, &head, sizeof head);
    memset(hops + length + sizeof head, 9, 4);
    length += sizeof head + 4;
  }
  put_attribute(RTA_MULTIPATH_, hops, length);
}

/* Whether what it tells must be covered, must not come of it, or neither. */
enum expected { COVERED, NOT_OF_IT };

static enum expected put_address(struct range *ret) {
  struct interface_address head = {.bits = (uint8_t)below(33)};
  struct range other = some_range(true);
  *ret = some_range(true);
  head.family = ret->family;
  const size_t length = ret->family == AF_INET ? 4 : 16;
  put(&head, sizeof head);
  bool peer = below(2);
  if (peer) put_attribute(IFA_LOCAL_, ret->bytes, length);
  put_attribute(IFA_ADDRESS_, peer ? other.bytes : ret->bytes, length);
  put_attribute(6, "cache", 5);
  return COVERED;
}

static enum expected put_route(struct range *ret) {
  *ret = some_range(false);
  bool by_gateway = below(2), hops = below(2);
  struct route head = {.family = ret->family, .to_bits = ret->bits, .type = by_gateway || below(2) ? UNICAST : LOCAL};
  put(&head, sizeof head);
  put_attribute(15, "main", 4);
  put_attribute(RTA_DST_, ret->bytes, ret->family == AF_INET ? 4 : 16);
  if (hops) put_hops(by_gateway);
  else if (by_gateway) put_attribute(below(2) ? RTA_GATEWAY_ : RTA_VIA_, "\1\2\3\4", 4);
  return by_gateway ? NOT_OF_IT : COVERED;
}

static bool is_covered(struct range range, size_t among) {
  for (size_t i = 0; i < among; i++)
    if (covers(&ranges[i], &range)) return true;
  return false;
}

static void check_ranges(size_t from) {
  claim(count <= MOST_RANGES, "no more than fit");
  for (size_t i = from; i < count; i++) {
    struct range again = ranges[i];
    claim(!is_covered(again, i) || (is_single(&ranges[i]) && !is_loopback(&ranges[i])), "no network is covered by an earlier one");
    const uint32_t length = again.family == AF_INET ? 4 : 16;
    claim(again.bits <= 8 * length, "a prefix is no longer than an address");
    for (uint32_t bit = again.bits; bit < 8 * length; bit++) claim(!(again.bytes[bit / 8] >> (7 - bit % 8) & 1), "no bit behind the prefix");
  }
}

static void check_line(const struct range *range) {
  char line[128];
  FILE *file = tmpfile();
  claim(file && write_range(fileno(file), range, "", "\n"), "a range can be written");
  rewind(file);
  claim(fgets(line, sizeof line, file) != NULL, "and read");
  fclose(file);
  line[strcspn(line, "\n")] = 0;
  size_t before = count;
  count = 0;
  struct range kept = ranges[0];
  claim(read_line(line) && count == 1 && memcmp(&ranges[0], range, sizeof *range) == 0, "a line is read as what was written");
  ranges[0] = kept;
  count = before;
}

static size_t added, refused;

static void one_message(void) {
  struct range told_of;
  struct header header = {.type = below(2) ? ADDRESS_NEW : ROUTE_NEW, .sequence = (uint32_t)below(3)};
  used = 0;
  put(&header, sizeof header);
  enum expected expected = header.type == ADDRESS_NEW ? put_address(&told_of) : put_route(&told_of);
  header.length = (uint32_t)used;
  memcpy(bytes, &header, sizeof header);
  bool spoilt = below(3) == 0;
  for (uint64_t n = spoilt ? 1 + below(4) : 0; n > 0; n--) bytes[below(used)] = (uint8_t)(below(2) ? next_random() : below(8));
  if (spoilt && below(3) == 0) used = below(used + 1);
  if (count > MOST_RANGES - 8 || below(40) == 0) count = 0;
  size_t before = count;
  uint8_t *exact = malloc(used ? used : 1);
  memcpy(exact, bytes, used);
  bool taken = take_messages(exact, used);
  free(exact);
  check_ranges(before);
  added += count > before;
  refused += !taken;
  if (count > before && below(500) == 0) {
    struct range last = ranges[count - 1];
    check_line(&last);
  }
  if (spoilt) return;
  claim(taken, "what is whole is taken");
  if (expected == COVERED) claim(is_covered(told_of, count), "what is told of is covered");
  else claim(count == before, "what lies behind a gateway is not refused");
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  state = strtoull(argv[2], NULL, 10) * 0x9e3779b97f4a7c15u | 1;
  const uint64_t inputs = strtoull(argv[1], NULL, 10);
  for (uint64_t n = inputs; n > 0; n--) one_message();
  printf("%llu messages: %zu added something, %zu were refused\n", (unsigned long long)inputs, added, refused);
  return 0;
}

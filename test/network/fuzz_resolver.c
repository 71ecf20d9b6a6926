/* Fuzzing of what a box asks, what an upstream replies, and the text of a policy. `fuzz_resolver COUNT SEED` makes COUNT inputs
 * of each; the same seed makes the same ones.
 *
 * Claims, beside what ASan and UBSan look for (each message lies in memory of exactly its size):
 * - a question that is taken is answered within its room, with the very bytes of its name, also when there is too much to say;
 * - a reply that is taken makes an answer whose records can be walked, that points nowhere inward, and that says the same when
 *   it is read as a reply itself;
 * - nothing but REPLY_FOREIGN comes of a reply to another question;
 * - what the resolver tells the log of flows is read as it was written, and nothing else of it than plain names and addresses;
 * - of a packet that is refused, or a message of the kernel's, only what may stand in a line gets there. */
#include "../../native/resolver/flow.h"
#include "../support/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct policy policy;
static uint8_t bytes[9000];
static size_t used;

static void put(const void *from, size_t length) {
  if (used + length > 6000) return;
  memcpy(bytes + used, from, length);
  used += length;
}
static void put_number(uint32_t number) {
  uint8_t two[2];
  put16(two, number);
  put(two, 2);
}

static const char *const names[] = {"a.test", "b.a.test", "www.Example.org", "alias.test", "x", "_sip._tcp.test", "use-application-dns.net"};
static struct name some_name(void) {
  struct name name;
  const char *text = names[below(7)];
  claim(name_from_text(text, strlen(text), &name), "names of ours are names");
  return name;
}

static void put_name(const struct name *asked) {
  struct name name = below(3) ? *asked : some_name();
  if (below(2)) put_number(0xc000u | (uint32_t)(below(20) ? 12 : below(200)));
  else put(name.bytes, name.length);
}

static void spoil(void) {
  for (uint64_t count = below(3) ? 0 : 1 + below(4); count > 0 && used > 0; count--) bytes[below(used)] = (uint8_t)(below(2) ? next_random() : below(4));
  if (below(20) == 0) used = below(used + 1);
}

static uint16_t some_type(void) {
  static const uint16_t types[] = {1, 5, 6, 12, 15, 16, 28, 33, 41, 64, 65, 2, 255};
  return types[below(13)];
}

static void put_data(uint16_t type, const struct name *asked) {
  static const uint8_t four[][4] = {{203, 0, 113, 7}, {1, 1, 1, 1}, {192, 168, 0, 1}}, six[16] = {0x26, 6};
  size_t at = used;
  put_number(0);
  if (type == TYPE_A) put(four[below(20) ? below(2) : 2], 4);
  else if (type == TYPE_AAAA) put(six, 16);
  else if (type == TYPE_TXT) put("\3abc\0\1x", 7);
  else if (type == TYPE_SVCB || type == TYPE_HTTPS) put("\0\1\0\0\1\0\3\2h2\0\4\0\4\300\250\0\1\0\5\0\2ab", below(2) ? 24 : 10);
  else {
    if (type == TYPE_MX) put_number(10);
    if (type == TYPE_SRV) put("\0\0\0\0\0\120", 6);
    put_name(asked);
    if (type == TYPE_SOA) put("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\100", 21);
  }
  if (used >= at + 2) put16(bytes + at, (uint32_t)(used - at - 2));
}

static uint8_t *exactly(void) {
  uint8_t *copy = malloc(used ? used : 1);
  if (!copy) abort();
  memcpy(copy, bytes, used);
  return copy;
}

static size_t fuzz_queries(void) {
  static struct body body;
  struct query query = {0};
  struct name name = some_name();
  used = 0;
  put("\22\64\1\0\0\1\0\0\0\0\0", 11);
  bool edns = below(2);
  put(edns ? "\1" : "\0", 1);
  put(name.bytes, name.length);
  put_number(some_type());
  put_number(1);
  if (edns) put("\0\0\51\20\0\0\0\0\0\0\7\0\10\0\3\0\1\2", 18);
  spoil();
  uint8_t *message = exactly(), out[ANSWER_MAX];
  enum query_result result = query_read(message, used, &query);
  if (result != QUERY_DROP) {
    body = (struct body){.rcode = 0, .count = 0, .length = (uint16_t)(below(2) ? 0 : 16 * below(256)), .ttl = (uint32_t)next_random()};
    for (size_t at = 0; at < body.length; at += 16, body.count++) memcpy(body.bytes + at, "\300\14\0\1\0\1\0\0\0\0\0\4\1\1\1\1", 16);
    size_t room = below(2) ? query.asker.size : sizeof out;
    size_t length = answer_write(&query.asker, &query.name, query.type, (int)below(17), below(3) ? &body : NULL, below(2) ? EDE_NONE : 18, out, room);
    claim(length <= room && length >= 12, "an answer keeps within its room");
    claim(memcmp(out, message, 2) == 0 && (out[2] & 0x80), "an answer has the id of its question");
    if (result == QUERY_OK) {
      claim(memcmp(out + 12, message + 12, (size_t)query.name.length + 4) == 0, "a question comes back as it was");
      policy_judge(&policy, &query.name, query.type);
      if (policy_answer(&policy, &query.name, query.type, &body)) claim(body.length <= sizeof body.bytes, "a name of ours keeps the bounds");
    }
  }
  free(message);
  return result == QUERY_OK;
}

static size_t fuzz_replies(void) {
  static struct body body, again;
  static uint8_t out[ANSWER_MAX];
  struct question question = {.name = some_name(), .id = 0x1234, .type = some_type(), .exact_case = below(2)};
  uint32_t answers = (uint32_t)below(6), authority = (uint32_t)below(2);
  used = 0;
  put("\22\64\201\200\0\1", 6);
  put_number(answers);
  put_number(authority);
  put_number(0);
  put(question.name.bytes, question.name.length);
  put_number(question.type);
  put_number(1);
  for (uint32_t i = 0; i < answers + authority; i++) {
    uint16_t type = below(3) ? question.type : some_type();
    put_name(&question.name);
    put_number(type);
    put_number(1);
    put_number((uint32_t)below(3));
    put_number((uint32_t)below(4000));
    put_data(type, &question.name);
  }
  spoil();
  uint8_t *message = exactly();
  enum reply_result result = reply_read(message, used, &question, &policy, &body);
  if (result == REPLY_OK) {
    struct address addresses[MAX_ADDRESSES];
    size_t count = body_addresses(&body, addresses, MAX_ADDRESSES);
    for (size_t i = 0; i < count; i++) claim(!policy_refuses_address(&policy, &addresses[i], false), "no answer points inward");
    claim(body.ttl <= TTL_MAX && body.length <= sizeof body.bytes, "an answer keeps its bounds");
    struct asker asker = {.id = question.id, .size = 512};
    struct name lower;
    name_lower(&question.name, &lower);
    struct question asked = {.name = lower, .id = question.id, .type = question.type};
    size_t length = answer_write(&asker, &lower, question.type, body.rcode, &body, EDE_NONE, out, sizeof out);
    claim(reply_read(out, length, &asked, &policy, &again) == REPLY_OK, "an answer of ours is an answer");
    claim(again.count == body.count && again.length == body.length, "an answer of ours says what it was made of");
    cache_clear();
    cache_put(&lower, question.type, 1000, &body);
    if (cache_get(&lower, question.type, 1000, &again))
      claim(again.length == body.length && again.ttl <= body.ttl, "what is kept is what was put");
  }
  question.id = (uint16_t)((used < 2 ? 0 : get16(message)) ^ 1);
  claim(reply_read(message, used, &question, &policy, &body) == REPLY_FOREIGN, "another id is another's reply");
  free(message);
  return result == REPLY_OK;
}

static size_t fuzz_policies(void) {
  static const char *const words[] = {"any", "allow", "deny", "types", "refuse", "grant", "end", "*.a.test", "b.test", "63", "64", "10.0.0.0/8", "fd00::/8", "MX", "#", "*", "..", "/", "inward", "host", "10.0.0.1", "fd00::1"};
  static struct policy fresh;
  char line[MAX_LINE + 1] = "";
  bool end = false;
  for (uint64_t count = below(5); count > 0; count--) {
    strcat(line, words[below(22)]);
    strcat(line, below(10) ? " " : "\t\t");
  }
  for (uint64_t count = below(3) ? 0 : below(3); count > 0 && line[0]; count--) line[below(strlen(line))] = (char)(1 + below(255));
  fresh.name_count = fresh.text_length = fresh.refuse_count = fresh.grant_count = fresh.host_count = 0;
  memset(fresh.index, 0, sizeof fresh.index);
  return policy_line(&fresh, line, &end) == NULL;
}

/* A message of NFLOG: a prefix, a number, and the beginning of a packet. */
static size_t fuzz_packets(void) {
  struct flow flow;
  uint32_t sequence = 0;
  bool six = below(2);
  size_t payload = below(100);
  used = 0;
  put("\14\0\12\0why: \"\1\0\10\0\14\0\0\0\0\7", 20);
  uint8_t head[4] = {(uint8_t)(payload + 4), 0, 9, 0};
  put(head, 4);
  for (size_t i = 0; i < payload; i++) put(&(uint8_t){(uint8_t)(below(3) ? below(64) : next_random())}, 1);
  if (payload > 0) bytes[24] = six ? 0x60 : (uint8_t)(0x40 | (below(4) ? 5 : below(16)));
  if (payload > 6 && six) bytes[30] = (uint8_t[]){0, 6, 17, 43, 44, 60, 58}[below(7)];
  if (below(3) == 0) spoil();
  uint8_t *message = exactly();
  bool known = packet_read_log(message, used, &flow, &sequence);
  for (size_t i = 0; flow.prefix[i]; i++) claim(flow.prefix[i] >= ' ' && flow.prefix[i] <= '~' && !strchr("\"\\", flow.prefix[i]), "a reason can stand in a line");
  claim(!known || flow.from.family == flow.to.family, "both ends of a flow are of one family");
  conntrack_read(message, used, &flow);
  uint64_t counted;
  counter_read(message, used, &counted);
  const uint8_t *at = message;
  size_t left = used;
  for (struct netlink_message m; netlink_next(&at, &left, &m);) claim(m.bytes + m.length <= message + used, "a message keeps within what came");
  free(message);
  return known;
}

/* What the resolver tells, spoiled: it may be broken into, and then it writes whatever it likes. */
static size_t fuzz_told(void) {
  struct told told = {.family = below(2) ? 4 : 6, .count = (uint8_t)below(5), .ttl = (uint32_t)below(TTL_MAX + 1), .lost = (uint32_t)below(3)}, again;
  struct name name = some_name();
  name_lower(&name, &told.name);
  for (size_t i = 0; i < told.count; i++) {
    told.addresses[i].family = told.family;
    for (size_t k = 0; k < (told.family == 4 ? 4u : 16u); k++) told.addresses[i].bytes[k] = (uint8_t)next_random();
  }
  used = tell_write(&told, bytes);
  claim(used <= TELL_MAX, "what is told keeps within its room");
  claim(tell_read(bytes, used, &again) && memcmp(&again.addresses, &told.addresses, sizeof again.addresses) == 0 && name_equal(&again.name, &told.name) &&
            again.ttl == told.ttl && again.lost == told.lost && again.count == told.count,
        "what is told is what is read");
  spoil();
  if (below(8) == 0) put("x", 1);
  uint8_t *message = exactly();
  bool known = tell_read(message, used, &again);
  if (known) {
    claim(again.count <= MAX_ADDRESSES && again.ttl <= TTL_MAX && name_is_plain(&again.name), "only what may stand in a line is read");
    for (size_t i = 0; i < again.count; i++) claim(again.addresses[i].family == 4 || again.addresses[i].family == 6, "an address has a family");
  }
  free(message);
  return known;
}

int main(int argc, char **argv) {
  size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000, queries = 0, replies = 0, policies = 0, packets = 0, told = 0;
  bool end;
  state = argc > 2 ? strtoull(argv[2], NULL, 10) * 0x9e3779b97f4a7c15 + 1 : 1;
  policy.types = ~0u;
  policy.any = true;
  claim(!policy_line(&policy, "allow *.a.test 3", &end) && !policy_line(&policy, "refuse 5.0.0.0/8", &end), "a policy is one");
  for (size_t i = 0; i < count; i++) {
    queries += fuzz_queries();
    replies += fuzz_replies();
    policies += fuzz_policies();
    packets += fuzz_packets();
    told += fuzz_told();
  }
  printf("%zu inputs, %zu questions, %zu replies, %zu lines of a policy, %zu packets and %zu names told that were in order\n", count, queries, replies, policies, packets, told);
  return 0;
}

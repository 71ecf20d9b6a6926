/* Flows as lines of JSON: docs/decisions/020-flow-log.md has the fields. */
#include "flow.h"

#include <inttypes.h>

static void say_protocol(struct line *line, uint8_t protocol) {
  static const struct { uint8_t number; const char *name; } names[] = {{1, "icmp"}, {6, "tcp"}, {17, "udp"}, {33, "dccp"}, {58, "icmpv6"}, {132, "sctp"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].number == protocol) return log_say(line, ",\"protocol\":\"%s\"", names[i].name);
  log_say(line, ",\"protocol\":\"%u\"", protocol);
}

static void say_time(struct line *line, const char *name, uint64_t ns) {
  if (ns) log_say(line, ",\"%s\":%" PRIu64 ".%03" PRIu64, name, ns / 1000000000, ns / 1000000 % 1000);
}

void flow_write(const char *kind, const struct flow *f, bool counted) {
  struct line line;
  log_begin(&line);
  log_say(&line, ",\"flow\":\"%s\",\"verdict\":\"%s\"", kind, f->refused ? "refused" : "allowed");
  say_protocol(&line, f->protocol);
  log_say(&line, ",\"from\":");
  log_address(&line, &f->from);
  log_say(&line, ",\"fromPort\":%u,\"to\":", f->from_port);
  log_address(&line, &f->to);
  log_say(&line, ",\"toPort\":%u", f->to_port);
  const struct name *name = names_find(&f->to);
  if (name) {
    log_say(&line, ",\"name\":\"");
    log_name(&line, name);
    log_say(&line, "\"");
  }
  if (f->id) log_say(&line, ",\"id\":%" PRIu32, f->id);
  say_time(&line, "start", f->start_ns);
  say_time(&line, "end", f->end_ns);
  if (f->counted)
    log_say(&line, ",\"sentBytes\":%" PRIu64 ",\"sentPackets\":%" PRIu64 ",\"receivedBytes\":%" PRIu64 ",\"receivedPackets\":%" PRIu64, f->sent_bytes,
            f->sent_packets, f->received_bytes, f->received_packets);
  if (f->prefix[0]) log_say(&line, ",\"why\":\"%s\"", f->prefix);
  log_say(&line, "}\n");
  log_keep(&line, counted);
}

/* Messages that the kernel could not give us when they were due. */
void flow_write_late(uint64_t events) {
  struct line line;
  log_begin(&line);
  log_say(&line, ",\"event\":\"late\",\"events\":%" PRIu64 "}\n", events);
  log_keep(&line, false);
}

/* `starts` and `ends` of flows that never reached us, `events` of the firewall's likewise, `names` that the resolver could not tell, packets `refused` and not logged. */
void flow_write_lost(const char *what, uint64_t count) {
  struct line line;
  log_begin(&line);
  log_say(&line, ",\"event\":\"lost\",\"%s\":%" PRIu64 "}\n", what, count);
  log_keep(&line, false);
}

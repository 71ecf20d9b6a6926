/* One question from its arrival to its answer: is it sound, does the policy allow it, is the answer known, what does upstream say,
 * does that point inwards, are its addresses let through. Each step that fails is an answer that says no. */
#include "resolver.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Two, as a policy that turns out to be wrong must not have touched the one that is in force. */
static struct policy policies[2];
static struct policy *policy = &policies[0];
static const struct set_names *sets;

void resolve_open(const struct options *options) { sets = &options->sets; }
const struct policy *resolve_policy(void) { return policy; }

/* Gives memory back: whole pages within it only, the largest ones that a kernel may have. */
static void forget(struct policy *p) {
  const uintptr_t page = 65536, start = ((uintptr_t)p + page - 1) & ~(page - 1), end = (uintptr_t)(p + 1) & ~(page - 1);
  if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
}

/* False where the new policy is wrong; the old one goes on then. */
bool resolve_reload(int policy_fd) {
  struct policy *next = policy == &policies[0] ? &policies[1] : &policies[0], *old = policy;
  struct policy_problem problem;
  bool loaded = policy_load(policy_fd, next, &problem);
  if (loaded) {
    policy = next;
    cache_clear();
    sets_clear();
    log_policy(policy->name_count);
  } else log_policy_refused(&problem);
  forget(loaded ? old : next);
  return loaded;
}

struct reply { int rcode, ede; const char *verdict; const struct body *body; };

static void answer(const struct asker *asker, const struct name *name, uint16_t type, const struct reply *reply) {
  static uint8_t message[ANSWER_MAX];
  size_t room = asker->route.stream ? sizeof message : asker->size;
  size_t length = answer_write(asker, name, type, reply->rcode, reply->body, reply->ede, message, room);
  listen_send(&asker->route, message, length);
}

static void note(const struct name *name, uint16_t type, const struct reply *reply, int64_t ms) {
  struct address addresses[MAX_ADDRESSES];
  struct record record = {.name = name, .type = type, .verdict = reply->verdict, .addresses = addresses, .ms = ms};
  if (reply->body) {
    record.count = body_addresses(reply->body, addresses, MAX_ADDRESSES);
    record.ttl = reply->body->ttl;
  }
  log_question(&record);
}

static void answer_now(const struct query *query, struct reply reply) {
  if (reply.body) tell_name(&query->name, reply.body); /* before the answer: flow_names.c says why */
  answer(&query->asker, &query->name, query->type, &reply);
  note(&query->name, query->type, &reply, 0);
}

static struct reply refuse(struct judgement judgement) {
  if (judgement.nameless) return (struct reply){RCODE_NAME, EDE_NONE, "refused", NULL};
  return (struct reply){RCODE_REFUSED, EDE_PROHIBITED, "refused", NULL};
}

/* Nobody else is ever asked for names of boxes. */
static struct reply answer_member(const struct query *query, struct body *body) {
  if (policy_denies(policy, &query->name)) return refuse((struct judgement){0});
  members_answer(&query->name, query->type, body);
  return (struct reply){body->rcode, EDE_NONE, body->count > 0 ? "answered" : "empty", body};
}

bool resolve_query(const uint8_t *message, size_t length, const struct route *route, int64_t now_ms) {
  static struct body body;
  struct query query = {.asker.route = *route};
  switch (query_read(message, length, &query)) {
    case QUERY_DROP: return false;
    case QUERY_MALFORMED: return answer_now(&query, (struct reply){RCODE_FORMAT, EDE_NONE, "malformed", NULL}), true;
    case QUERY_UNKNOWN: return answer_now(&query, (struct reply){RCODE_NOT_IMPLEMENTED, EDE_NONE, "malformed", NULL}), true;
    case QUERY_BAD_VERSION: return answer_now(&query, (struct reply){RCODE_VERSION, EDE_NONE, "malformed", NULL}), true;
    case QUERY_OK: break;
  }
  struct judgement judgement = policy_judge(policy, &query.name, query.type);
  if (members_own(&query.name) && !policy_is_host(policy, &query.name)) return answer_now(&query, answer_member(&query, &body)), true;
  if (!judgement.allowed) return answer_now(&query, refuse(judgement)), true;
  if (policy_answer(policy, &query.name, query.type, &body)) return answer_now(&query, (struct reply){RCODE_OK, EDE_NONE, body.count > 0 ? "answered" : "empty", &body}), true;
  /* What is kept was checked and let through when it came, and its elements live longer than it does. */
  if (cache_get(&query.name, query.type, now_ms, &body)) return answer_now(&query, (struct reply){body.rcode, EDE_NONE, "cached", &body}), true;
  return upstream_ask(&query, now_ms);
}

/* The policy may have changed while upstream was asked: the one of now counts. */
static struct reply judge(const struct name *name, uint16_t type, enum reply_result result, const struct body *body, int64_t now_ms) {
  struct judgement judgement = policy_judge(policy, name, type);
  if (!judgement.allowed) return refuse(judgement);
  if (result == REPLY_REBINDING) return (struct reply){RCODE_REFUSED, EDE_FILTERED, "rebinding", NULL};
  if (result != REPLY_OK) return (struct reply){RCODE_SERVER, EDE_NETWORK, "failed", NULL};
  struct address addresses[MAX_ADDRESSES];
  size_t count = body_addresses(body, addresses, MAX_ADDRESSES);
  if (judgement.classes && count > 0 && !sets_add(sets, judgement.classes, addresses, count, body->ttl, now_ms))
    return (struct reply){RCODE_SERVER, EDE_NETWORK, "closed", NULL};
  cache_put(name, type, now_ms, body);
  return (struct reply){body->rcode, EDE_NONE, body->rcode == RCODE_OK && body->count > 0 ? "answered" : "empty", body};
}

void resolve_finish(const struct asker *askers, size_t count, const struct name *name, uint16_t type, enum reply_result result,
                    const struct body *body, int64_t started_ms, int64_t now_ms) {
  struct reply reply = judge(name, type, result, body, now_ms);
  if (reply.body) tell_name(name, reply.body);
  for (size_t i = 0; i < count; i++) {
    answer(&askers[i], name, type, &reply);
    note(name, type, &reply, now_ms - started_ms);
  }
}

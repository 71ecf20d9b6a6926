/* Types and functions shared by the parts of glovebox-resolver; main.c has the theory of operation, decision 016
 * (docs/decisions/016-resolver.md) the contract with whoever starts it. */
#ifndef GLOVEBOX_RESOLVER_H
#define GLOVEBOX_RESOLVER_H

#define _GNU_SOURCE
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum {
  MAX_LISTEN = 4, MAX_UPSTREAM = 2,
  MAX_HOSTS = 512, MAX_NAMES = 16000, MAX_POLICY_BYTES = 1 << 20, MAX_LINE = 300, MAX_RANGES = 256, CLASSES = 64,
  MAX_FLIGHTS = 256, MAX_WAITERS = 4, MAX_CLIENTS = 32, MAX_STREAMS = 16,
  QUERY_MAX = 512, BODY_MAX = 4096, REPLY_MAX = 8192, ANSWER_MAX = BODY_MAX + 320, UDP_ANSWER_MAX = 1232,
  MAX_ADDRESSES = 64, MAX_CHAIN = 12, MAX_RECORDS = 128,
  TTL_MAX = 3600, NEGATIVE_TTL_MAX = 300, SET_GRACE = 15,
};
enum { EXIT_OURS = 1, EXIT_USAGE = 2 };

/* RFC 1035, 3596, 2782, 9460. */
enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_PTR = 12, TYPE_MX = 15, TYPE_TXT = 16, TYPE_AAAA = 28, TYPE_SRV = 33, TYPE_OPT = 41,
       TYPE_SVCB = 64, TYPE_HTTPS = 65 };
enum { RCODE_OK = 0, RCODE_FORMAT = 1, RCODE_SERVER = 2, RCODE_NAME = 3, RCODE_NOT_IMPLEMENTED = 4, RCODE_REFUSED = 5, RCODE_VERSION = 16 };
/* RFC 8914. */
enum { EDE_NONE = -1, EDE_FILTERED = 17, EDE_PROHIBITED = 18, EDE_UNREACHABLE = 22, EDE_NETWORK = 23 };

struct address { uint8_t family /* 4 or 6 */, bytes[16]; };
struct range { struct address address; uint8_t bits; };

/* A name in wire form, its end (a zero length) included. */
struct name { uint8_t length, bytes[255]; };

/* name.c */
size_t name_read(const uint8_t *message, size_t length, size_t at, bool compressed, struct name *ret);
bool name_from_text(const char *text, size_t length, struct name *ret);
size_t name_text(const struct name *name, char *ret, size_t size);
void name_lower(const struct name *name, struct name *ret);
bool name_equal(const struct name *a, const struct name *b);
bool name_is_plain(const struct name *name);
enum { NAME_TEXT_MAX = 255 * 4 + 2 };

/* What a box asked, and where its answer goes. */
struct route { bool stream; uint16_t index; uint32_t generation; struct sockaddr_in6 peer; socklen_t peer_length; };
struct asker { struct route route; uint16_t id, size; bool recursion, checking_disabled, edns; uint8_t capitals[32]; };
struct query { struct asker asker; struct name name /* in lower case */; uint16_t type; };

/* query.c */
enum query_result { QUERY_OK, QUERY_DROP, QUERY_MALFORMED, QUERY_UNKNOWN, QUERY_BAD_VERSION };
enum query_result query_read(const uint8_t *message, size_t length, struct query *ret);

/* Records that answer a question, built by us: each owner is a pointer of two bytes, so that they can be walked. */
struct body { uint8_t rcode; uint16_t count, length; uint32_t ttl; uint8_t bytes[BODY_MAX]; };

/* answer.c */
size_t answer_write(const struct asker *asker, const struct name *name, uint16_t type, int rcode, const struct body *body, int ede,
                    uint8_t *ret, size_t room);
size_t body_addresses(const struct body *body, struct address *ret, size_t most);

/* ranges.c */
bool range_from_text(const char *text, struct range *ret);
bool range_has(const struct range *range, const struct address *address);
bool address_is_internal(const struct address *address);

/* policy.c, policy_read.c */
struct entry { uint32_t at; uint8_t length, marks; uint64_t exact, below; }; /* classes are bits */
enum { DENY_EXACT = 1, DENY_BELOW = 2, INWARD_EXACT = 4, INWARD_BELOW = 8 };
/* A name of ours, with one of its addresses. */
struct host { struct name name; struct address address; };
enum { INDEX_SIZE = 32768 };
struct policy {
  bool any;
  uint32_t types; /* bits of policy_type_bit */
  struct range refuse[MAX_RANGES], grant[MAX_RANGES];
  struct host hosts[MAX_HOSTS];
  size_t refuse_count, grant_count, host_count, name_count, text_length;
  uint16_t index[INDEX_SIZE]; /* number of an entry and 1 */
  struct entry entries[MAX_NAMES];
  uint8_t text[MAX_POLICY_BYTES];
};
struct judgement { bool allowed, nameless /* say that there is no such name */, inward /* may point into a granted range */; uint64_t classes; };
uint32_t policy_type_bit(uint16_t type);
struct entry *policy_entry(struct policy *policy, const struct name *name, bool add);
struct judgement policy_judge(const struct policy *policy, const struct name *name, uint16_t type);
bool policy_refuses_address(const struct policy *policy, const struct address *address, bool inward);
/* The answer for a name of ours; false for every other name. */
bool policy_answer(const struct policy *policy, const struct name *name, uint16_t type, struct body *ret);
void policy_begin_answer(struct body *ret);
void policy_add_answer(const struct address *address, uint16_t type, struct body *ret);
bool policy_is_host(const struct policy *policy, const struct name *name);
bool policy_denies(const struct policy *policy, const struct name *name);
/* A line of a policy, without its end: NULL, or why it is refused; *ret_end after the last one. */
const char *policy_line(struct policy *policy, const char *line, bool *ret_end);
struct policy_problem { size_t line; const char *why; };
bool policy_load(int fd, struct policy *ret, struct policy_problem *ret_problem);

/* special.c */
bool special_is_canary(const char *name);
bool special_is_encrypted_dns(const char *name);
bool special_is_local(const char *name);
bool special_reverse(const struct name *name, struct address *ret, bool *ret_is_reverse);

/* members.c: names of the boxes of a network that this box has joined. `fd`: the network's list of members, or -1 */
struct members { int fd; struct range range4, range6; };
void members_open(const struct members *members);
bool members_own(const struct name *name);
void members_answer(const struct name *name, uint16_t type, struct body *ret);

/* reply.c: what came from upstream. */
enum reply_result { REPLY_FOREIGN, REPLY_TRUNCATED, REPLY_FAILED, REPLY_REBINDING, REPLY_OK };
struct question { struct name name; uint16_t id, type; bool exact_case; };
enum reply_result reply_read(const uint8_t *message, size_t length, const struct question *question, const struct policy *policy, struct body *ret);
/* record.c: the data of one record, its names written out. False where it is not to be passed on; a sound record of which
 * nothing is left has *ret_length 0. */
bool record_copy(const uint8_t *message, size_t length, size_t at, size_t data_length, uint16_t type, uint8_t *ret, size_t room, size_t *ret_length);

/* cache.c */
void cache_clear(void);
bool cache_get(const struct name *name, uint16_t type, int64_t now_ms, struct body *ret);
void cache_put(const struct name *name, uint16_t type, int64_t now_ms, const struct body *body);

/* nftset.c: the kernel's sets; sets.c: what was put there. */
int nftset_open(void);
struct set_change {
  const char *table, *set;
  const struct address *add, *remove;
  size_t add_count, remove_count;
  uint64_t timeout_ms;
  bool destroy; /* what is to be removed need not be there; kernels before 6.3 refuse this */
};
int nftset_apply(int fd, const struct set_change *change);
struct set_names { const char *table, *set4, *set6; int fd; };
void sets_clear(void);
bool sets_add(const struct set_names *names, uint64_t classes, const struct address *addresses, size_t count, uint32_t ttl, int64_t now_ms);

/* log.c */
enum { LOG_LINE = 5120 };
struct line { struct timespec now; size_t used; char text[LOG_LINE]; };
void log_begin(struct line *line);
void log_say(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_address(struct line *line, const struct address *address);
void log_name(struct line *line, const struct name *name);
void log_keep(const struct line *line, bool counted);
void log_lose(uint64_t lines); /* of what never became one */
struct record { const struct name *name; uint16_t type; const char *verdict; const struct address *addresses; size_t count; uint32_t ttl; int64_t ms; };
/* `other`: the second file of a log that is bounded by `most` bytes; -1 for a pipe. */
struct log_files { int fd, other; uint64_t most; unsigned rate; /* lines a second that a box can cause */ };
enum { LOG_BYTES = 8 << 20, LOG_RATE = 5000 };
bool log_open(const struct log_files *files);
void log_event(const char *event);
void log_policy(size_t names);
void log_policy_refused(const struct policy_problem *problem);
void log_question(const struct record *record);
bool log_flush(void); /* true while something is waiting */
void log_lost(void);      /* says what was lost, at most once a second */

/* halves.c */
bool halves_open(int first, int second, uint64_t bytes);
int halves_fd(void);
size_t halves_part(const char *bytes, size_t length);
void halves_wrote(const char *bytes, size_t length);
void halves_take_back(size_t begun);

/* copy.c: the same lines in a file of the user's; -1 for none */
bool copy_open(int fd, uint64_t most);
void copy_write(const char *lines, size_t length);

/* ready.c: -1 for nobody */
void ready_tell(int fd);

/* tell.c: to the log of flows */
struct told { uint8_t family, count; uint32_t ttl, lost; struct address addresses[MAX_ADDRESSES]; struct name name; };
enum { TELL_HEAD = 12, TELL_MAX = TELL_HEAD + MAX_ADDRESSES * 16 + 255 };
void tell_open(int fd);
size_t tell_write(const struct told *told, uint8_t *ret);
bool tell_read(const uint8_t *bytes, size_t length, struct told *ret);
void tell_name(const struct name *name, const struct body *body);
void tell_lost(void);

/* random.c */
uint32_t random_number(void);

/* options.c */
struct endpoint { struct sockaddr_in6 address; socklen_t length; int family; };
struct options {
  struct endpoint listen[MAX_LISTEN], upstream[MAX_UPSTREAM];
  size_t listen_count, upstream_count;
  uint16_t port, upstream_port;
  uint32_t mark;
  int policy_fd, names_fd, ready_fd;
  struct log_files log;
  struct members members;
  struct set_names sets;
  int64_t uid, gid; /* -1: stays what it is */
};
bool options_parse(int argc, char **argv, struct options *ret);

/* sandbox.c */
bool sandbox_drop(const struct options *options);
bool sandbox_drop_last(void);                     /* of the capabilities */
bool sandbox_filter(const struct log_files *log); /* NULL where nothing is ever cut */
bool sandbox_filter_to(const int *calls, size_t count, const struct log_files *log);

/* upstream.c, stream.c (TCP upstream), flight.h */
void upstream_open(int epoll_fd, const struct options *options);
bool upstream_ask(const struct query *query, int64_t now_ms);
void upstream_event(size_t index, uint32_t generation, uint32_t events, int64_t now_ms);
void upstream_tick(int64_t now_ms);
size_t upstream_count(void);

/* listen.c, client.c (TCP) */
bool listen_open(const struct options *options, int epoll_fd);
void listen_datagrams(size_t index, int64_t now_ms);
void listen_send(const struct route *route, const uint8_t *message, size_t length);
int listen_fd(size_t index, bool stream);
void client_open(int epoll_fd);
void client_accept(int fd, int64_t now_ms);
void client_event(size_t index, uint32_t generation, uint32_t events, int64_t now_ms);
void client_send(const struct route *route, const uint8_t *message, size_t length);
void client_tick(int64_t now_ms);
size_t client_count(void);

/* resolve.c: one question from its arrival to its answer. */
void resolve_open(const struct options *options);
bool resolve_reload(int policy_fd);
const struct policy *resolve_policy(void);
/* Takes a question; false where it will never be answered. */
bool resolve_query(const uint8_t *message, size_t length, const struct route *route, int64_t now_ms);
void resolve_finish(const struct asker *askers, size_t count, const struct name *name, uint16_t type, enum reply_result result,
                    const struct body *body, int64_t started_ms, int64_t now_ms);

/* loop.c */
enum event_kind { EVENT_SIGNAL, EVENT_LOG, EVENT_DATAGRAMS, EVENT_ACCEPT, EVENT_CLIENT, EVENT_UPSTREAM };
uint64_t loop_tag(enum event_kind kind, uint32_t generation, size_t index);
bool loop_watch(int epoll_fd, int fd, uint32_t events, uint64_t tag, bool change);
int64_t loop_now(void);
int loop_run(int epoll_fd, int signal_fd, const struct options *options);

static inline uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] << 8 | at[1]); }
static inline uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }
static inline void put16(uint8_t *at, uint32_t value) { at[0] = (uint8_t)(value >> 8), at[1] = (uint8_t)value; }
static inline void put32(uint8_t *at, uint32_t value) { put16(at, value >> 16), put16(at + 2, value & 0xffff); }

#endif

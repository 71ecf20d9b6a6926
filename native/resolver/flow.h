/* The flow log: glovebox-resolver flows. flow_main.c has the theory of operation. */
#ifndef GLOVEBOX_FLOW_H
#define GLOVEBOX_FLOW_H
#include "resolver.h"

enum { SUBSYSTEM_CONNTRACK = 1, SUBSYSTEM_LOG = 4, PREFIX_MAX = 64, NETLINK_MAX = 65536 };

/* One end of a flow to the other; ports are those of TCP, UDP, DCCP, SCTP and UDP-Lite, 0 elsewhere. */
struct flow {
  struct address from, to;
  uint16_t from_port, to_port;
  uint8_t protocol;
  uint32_t id;
  bool counted, timed, refused;
  uint64_t sent_bytes, sent_packets, received_bytes, received_packets;
  uint64_t start_ns, end_ns; /* since the epoch; 0 where unknown */
  char prefix[PREFIX_MAX + 1];
};

/* flow_netlink.c: attributes, and the sockets. */
struct attribute { uint16_t type; size_t length; const uint8_t *bytes; };
bool attribute_next(const uint8_t **at, size_t *left, struct attribute *ret);
uint64_t attribute_number(const struct attribute *attribute); /* in network order, of up to 8 bytes */
struct netlink_message { uint16_t type; uint8_t family; uint16_t resource; const uint8_t *bytes; size_t length; };
bool netlink_next(const uint8_t **at, size_t *left, struct netlink_message *ret);
int netlink_listen_conntrack(int receive_bytes);
int netlink_listen_log(uint16_t group, int receive_bytes);
void netlink_end_log(int fd, uint16_t group);
bool netlink_ask_conntrack(int fd); /* for all flows that there are */
uint64_t netlink_dropped(int fd);

/* conntrack.c, packet.c */
bool conntrack_read(const uint8_t *bytes, size_t length, struct flow *ret);
bool packet_read(const uint8_t *bytes, size_t length, struct flow *ret);
bool packet_read_log(const uint8_t *bytes, size_t length, struct flow *ret, uint32_t *ret_sequence);

/* flow_write.c */
void flow_write(const char *kind, const struct flow *flow, bool counted); /* `counted`: bounded in lines a second */
void flow_write_late(uint64_t events);
void flow_write_lost(const char *what, uint64_t count);

/* flow_names.c */
void names_open(int fd);
void names_take(void);
const struct name *names_find(const struct address *address);

/* flow_counter.c */
bool counter_read(const uint8_t *bytes, size_t length, uint64_t *ret);
uint64_t counter_packets(int fd);

/* flow_options.c */
enum { MAX_QUIET = 8 };
struct flow_options {
  struct log_files log;
  int copy_fd, names_fd, ready_fd, receive_bytes;
  uint64_t copy_bytes;
  uint16_t group;
  struct address quiet[MAX_QUIET]; /* resolvers: flows to their port 53 are not told */
  size_t quiet_count;
  struct options ids;
};
bool flow_options_parse(int argc, char **argv, struct flow_options *ret);

int flow_main(int argc, char **argv);

/* capture.c */
int capture_main(int argc, char **argv);
#endif

/* Makes the kernel forget all flows of its network namespace, as time would (nfnetlink_conntrack.h, IPCTNL_MSG_CT_DELETE). */
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sys/socket.h>

int main(void) {
  struct { struct nlmsghdr header; struct nfgenmsg message; } request = {
      {sizeof request, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, NLM_F_REQUEST | NLM_F_ACK, 1, 0}, {0, 0, 0}};
  struct { struct nlmsghdr header; struct nlmsgerr error; } reply = {0};
  int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER);
  if (fd < 0 || send(fd, &request, sizeof request, 0) < 0 || recv(fd, &reply, sizeof reply, 0) < 0) return 1;
  return reply.error.error != 0;
}

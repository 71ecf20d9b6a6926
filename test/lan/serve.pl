# serve.pl PORT: answers whoever connects, or sends a datagram, with the peer's address; over both families.
use strict;
use warnings;
use Socket qw(:all);

$| = 1;
my ($port) = @ARGV;
socket(my $stream, AF_INET6, SOCK_STREAM, 0) or die "socket: $!";
setsockopt $stream, IPPROTO_IPV6, IPV6_V6ONLY, 0;
setsockopt $stream, SOL_SOCKET, SO_REUSEADDR, 1;
bind $stream, pack_sockaddr_in6($port, IN6ADDR_ANY) or die "bind: $!";
listen $stream, 16;
socket(my $datagrams, AF_INET6, SOCK_DGRAM, 0) or die "socket: $!";
setsockopt $datagrams, IPPROTO_IPV6, IPV6_V6ONLY, 0;
bind $datagrams, pack_sockaddr_in6($port, IN6ADDR_ANY) or die "bind: $!";
sub peer { my ($p, $a) = unpack_sockaddr_in6(shift); return inet_ntop(AF_INET6, $a) }
if (fork) {
  print "ready\n";
  while (1) {
    my $from = recv $datagrams, my $text, 1000, 0;
    send $datagrams, 'box ' . peer($from), 0, $from;
  }
}
while (my $from = accept my $client, $stream) {
  syswrite $client, 'box ' . peer($from) . "\n";
  sysread $client, my $text, 1000;
  close $client;
}

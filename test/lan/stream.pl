# stream.pl ADDRESS PORT: whoever sends a datagram there gets one after the other, a hundred seconds at the most.
use strict;
use warnings;
use Socket qw(:all);

my ($address, $port) = @ARGV;
$| = 1;
socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die "socket: $!";
bind $socket, pack_sockaddr_in($port, inet_aton($address)) or die "bind: $!";
print "ready\n";
my $peer = recv $socket, my $hello, 100, 0;
for (1 .. 2000) {
  send $socket, 'x', 0, $peer;
  select undef, undef, undef, 0.05;
}

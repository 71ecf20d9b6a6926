# outward.pl INTERFACE TEXT: says, in hexadecimal, each frame that this machine sends there, until one holds the text.
use strict;
use warnings;

$| = 1;
my ($interface, $last) = @ARGV;
socket(my $socket, 17, 3, unpack('S', pack 'n', 3)) or die "socket: $!"; # AF_PACKET, SOCK_RAW, ETH_P_ALL
my $request = pack 'a16 x24', $interface;
ioctl $socket, 0x8933, $request or die "no $interface: $!"; # SIOCGIFINDEX
bind $socket, pack('S n i S C C a8', 17, 3, unpack('x16 i', $request), 0, 0, 0, '') or die "bind: $!";
print "ready\n";
while (1) {
  my $from = recv $socket, my $frame, 70000, 0;
  next unless defined $from && unpack('x10 C', $from) == 4; # PACKET_OUTGOING
  print unpack('H*', $frame), "\n";
  last if index($frame, $last) >= 0;
}

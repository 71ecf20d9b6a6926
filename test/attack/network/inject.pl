# inject.pl INTERFACE: sends each line of its input, a frame in hexadecimal, as it is. A kernel of one's own (a guest's) can do this.
use strict;
use warnings;

my ($interface) = @ARGV;
socket(my $socket, 17, 3, 0) or die "socket: $!"; # AF_PACKET, SOCK_RAW
my $request = pack 'a16 x24', $interface;
ioctl $socket, 0x8933, $request or die "no $interface: $!"; # SIOCGIFINDEX
my $index = unpack 'x16 i', $request;
my $place = pack 'S n i S C C a8', 17, 0, $index, 0, 0, 6, '';
while (my $line = <STDIN>) {
  chomp $line;
  send $socket, pack('H*', $line), 0, $place or die "send: $!";
}

# ask.pl ADDRESS BYTES: asks the resolver there for names that nobody has, long ones, until its log must have grown by so many bytes.
use strict;
use warnings;
use Socket qw(:all);

my ($address, $bytes) = @ARGV;
socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die "socket: $!";
connect $socket, pack_sockaddr_in(53, inet_aton($address)) or die "connect: $!";
my $long = join '', map { chr(62) . 'x' x 62 } 1 .. 3;
for (my ($at, $told) = (0, 0); $told < $bytes; $at++, $told += 200) {
  my $name = $long . pack('C/a*', sprintf 'n%08d', $at) . pack('C/a*', 'local') . "\0";
  send $socket, pack('n6', $at & 0xffff, 0x0100, 1, 0, 0, 0) . $name . pack('n2', 1, 1), 0;
  recv $socket, my $answer, 1000, 0; # one after the other, so that none is lost on the way
}
print "asked\n";

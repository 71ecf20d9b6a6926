# send.pl FROM TO PORT ADDRESS ...: sends a datagram from each port FROM to TO to PORT of each address, and says which were answered.
use strict;
use warnings;
use Socket qw(:all);

my ($from, $to, $port, @addresses) = @ARGV;
my @sockets;
for my $own ($from .. $to) {
  socket(my $socket, AF_INET, SOCK_DGRAM, 0) or die "socket: $!";
  bind $socket, pack_sockaddr_in($own, INADDR_ANY) or die "bind: $!";
  push @sockets, $socket;
  for my $address (@addresses) {
    local $SIG{ALRM} = sub { };
    alarm 5;
    send $socket, "from $own", 0, pack_sockaddr_in($port, inet_aton($address)) or die "send: $!";
    my $peer = recv $socket, my $text, 100, 0;
    alarm 0;
    print defined $peer ? "$own answered\n" : "$own not answered\n";
  }
}

# reach.pl PROTOCOL ADDRESS PORT TEXT ...: tries to get each text to its place, one after the other, and says how each went.
# An address may be a name. Perl, as it is in Debian's base system: the same program runs in every box and beside it.
use strict;
use warnings;
use Socket qw(:all);

$| = 1;
while (my ($protocol, $address, $port, $text) = splice @ARGV, 0, 4) {
  if ($address =~ /[g-z]/i) {
    my ($error, @found) = Socket::getaddrinfo($address, '', { socktype => SOCK_STREAM });
    my ($none, $number) = @found ? Socket::getnameinfo($found[0]{addr}, NI_NUMERICHOST) : ('none');
    if ($error || $none) { print "$protocol $address $port refused no address\n"; next }
    $address = $number;
  }
  my $six = $address =~ /:/;
  my $family = $six ? AF_INET6 : AF_INET;
  my $place = $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address)) : pack_sockaddr_in($port, inet_aton($address));
  socket(my $socket, $family, $protocol eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM, 0) or die "socket: $!";
  my $how = 'sent';
  if ($protocol eq 'tcp') {
    # A place that does not answer at all counts as one that refuses.
    local $SIG{ALRM} = sub { };
    alarm 12;
    if (connect $socket, $place) {
      sysread $socket, my $name, 100;
      syswrite $socket, $text;
      sysread $socket, my $echo, 100;
      $how = 'reached ' . ($name // '');
    } else { $how = "refused $!" }
    alarm 0;
  } else {
    setsockopt $socket, SOL_SOCKET, SO_BROADCAST, 1;
    $how = "refused $!" unless send $socket, $text, 0, $place;
  }
  chomp $how;
  print "$protocol $address $port $how\n";
}

# ask.pl PROTOCOL ADDRESS PORT ...: says something to each place, which may be a name (with "4" or "6" behind the protocol, of that family),
# and then what came back: "tcp4 web.glovebox 80 box 198.18.0.7", or why nothing did.
use strict;
use warnings;
use Socket qw(:all);

$| = 1;
while (my ($protocol, $address, $port) = splice @ARGV, 0, 3) {
  my ($kind, $family) = $protocol =~ /^(tcp|udp)([46]?)$/ or die "protocol: $protocol";
  my $type = $kind eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM;
  my %hints = (socktype => $type, $family ? (family => $family == 6 ? AF_INET6 : AF_INET) : ());
  my ($error, $found) = Socket::getaddrinfo($address, $port, \%hints);
  if ($error || !$found) { print "$protocol $address $port no address\n"; next }
  socket(my $socket, $found->{family}, $type, 0) or die "socket: $!";
  my $heard = '';
  local $SIG{ALRM} = sub { };
  alarm 12;
  my $said = connect($socket, $found->{addr}) && syswrite $socket, "hello\n";
  my $why = $said ? 'nothing' : "refused $!";
  if ($said) { defined sysread $socket, $heard, 100 or $why = $!{EINTR} ? 'nothing' : "refused $!" }
  alarm 0;
  chomp $heard;
  print "$protocol $address $port ", $heard eq '' ? $why : $heard, "\n";
}

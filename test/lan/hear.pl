# hear.pl ADDRESS PORT ...: says something to each place, over TCP, and what it got to hear. Who asks speaks first, as in HTTP: older
# versions of pasta hold back a published connection by its link until then.
use strict;
use warnings;
use Socket qw(:all);

$| = 1;
while (my ($address, $port) = splice @ARGV, 0, 2) {
  my $six = $address =~ /:/;
  my $place = $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address)) : pack_sockaddr_in($port, inet_aton($address));
  socket(my $socket, $six ? AF_INET6 : AF_INET, SOCK_STREAM, 0) or die "socket: $!";
  local $SIG{ALRM} = sub { };
  alarm 12;
  my $heard = '';
  if (connect $socket, $place) {
    syswrite $socket, "hello\n";
    sysread $socket, $heard, 100;
  }
  alarm 0;
  chomp $heard;
  print $heard eq '' ? "nothing\n" : "$heard\n";
}

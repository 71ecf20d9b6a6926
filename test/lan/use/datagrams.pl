# datagrams.pl MODE NONCE ADDRESS PORT [ADDRESS PORT]: UDP as a program of the box uses it.
#   mapping  one socket sends to both places, and hears both; then the first one answers after a long silence
#   large    a datagram of 1400 bytes there and back; what is lost is sent again, as the path's limit is learned by a loss
use strict;
use warnings;
use Socket qw(:all);

my ($mode, $nonce, @places) = @ARGV;
my $six = $places[0] =~ /:/;
my $family = $six ? AF_INET6 : AF_INET;
my @to;
while (my ($address, $port) = splice @places, 0, 2) {
  push @to, $six ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address)) : pack_sockaddr_in($port, inet_aton($address));
}
socket(my $socket, $family, SOCK_DGRAM, 0) or die "socket: $!";

sub hear {
  my ($seconds) = @_;
  my $bits = '';
  vec($bits, fileno $socket, 1) = 1;
  return undef unless select $bits, undef, undef, $seconds;
  my $from = recv $socket, my $bytes, 65535, 0;
  return defined $from ? $bytes : '';
}

if ($mode eq 'mapping') {
  for my $place (@to) {
    send $socket, "$nonce mapped", 0, $place;
    print hear(20) // 'nothing', "\n";
  }
  send $socket, "after 35 $nonce", 0, $to[0];
  print hear(90) // 'nothing', "\n";
} else {
  my $text = $nonce . 'x' x (1400 - length $nonce);
  for my $try (1 .. 8) {
    send $socket, $text, 0, $to[0];
    my $heard = hear(3) // next;
    print $heard =~ /$text$/ ? "whole\n" : "other: " . length($heard) . "\n";
    exit;
  }
  print "nothing\n";
}

# raw.pl FROM TO PORT TEXT ...: sends each text as a datagram of UDP whose bytes are all its own, its source too; with "ping" for the port an
# echo request, and says whether it was answered. What a guest's kernel may do, and what a process without CAP_NET_RAW may not.
use strict;
use warnings;
use Socket qw(:all);

$| = 1;
sub sum { my $bytes = shift; $bytes .= "\0" if length($bytes) % 2; my $sum = 0; $sum += $_ for unpack 'n*', $bytes; $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16; return ~$sum & 0xffff }
while (my ($from, $to, $port, $text) = splice @ARGV, 0, 4) {
  my $six = $to =~ /:/;
  my $family = $six ? AF_INET6 : AF_INET;
  my ($source, $target) = map { inet_pton($family, $_) } $from, $to;
  my $ping = $port eq 'ping';
  my $protocol = $ping ? ($six ? 58 : 1) : 17;
  my $echo = pack 'CCnnn', $six ? 128 : 8, 0, 0, 77, 1;
  my $body = $ping ? $echo . $text : pack('nnnn', 5555, $port, 8 + length $text, 0) . $text;
  my $pseudo = $source . $target . ($six ? pack('NxxxC', length $body, $protocol) : pack('xCn', $protocol, length $body));
  my $check = sum($ping && !$six ? $body : $pseudo . $body);
  substr $body, $ping ? 2 : 6, 2, pack 'n', $check;
  my $packet = $six ? pack('Nnca', 0x60000000, length $body, $protocol, chr 64) . $source . $target . $body
    : pack('CCnnnCCn', 0x45, 0, 20 + length $body, 0, 0, 64, $protocol, 0) . $source . $target . $body;
  socket(my $socket, $family, SOCK_RAW, 255) or die "socket: $!"; # IPPROTO_RAW: with its own header
  socket(my $answers, $family, SOCK_RAW, $six ? 58 : 1) or die "socket: $!";
  setsockopt $socket, $six ? IPPROTO_IPV6 : IPPROTO_IP, $six ? 36 : 3, 1 or die "header: $!";
  send $socket, $packet, 0, $six ? pack_sockaddr_in6(0, $target) : pack_sockaddr_in(0, $target) or print "not sent $!\n";
  next unless $ping;
  my $how = 'nothing';
  local $SIG{ALRM} = sub { };
  alarm 4;
  while (defined(my $sender = recv $answers, my $answer, 2000, 0)) {
    substr $answer, 0, 20, '' unless $six;
    if (ord $answer == ($six ? 129 : 0) && $answer =~ /\Q$text\E$/) { $how = 'answered'; last }
  }
  alarm 0;
  print "ping $to $how\n";
}

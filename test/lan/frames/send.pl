# send.pl INTERFACE HEX...: sends frames as they are, by a packet socket (packet(7)).
use strict;
use warnings;
my ($name, @frames) = @ARGV;
open my $table, '<', '/proc/net/if_inet6' or die "no interfaces: $!";
my ($index) = map { (split)[5] eq $name ? hex((split)[1]) : () } <$table>;
socket(my $socket, 17, 3, 0x0300) or die "no packet socket: $!\n";
my $to = pack 'S n i S C C a8', 17, 3, $index, 0, 0, 6, '';
for (@frames) { defined send $socket, pack('H*', $_), 0, $to or die "not sent: $!\n" }
print scalar(@frames), " sent\n";

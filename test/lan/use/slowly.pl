# slowly.pl ADDRESS PORT BYTES TIMES: takes BYTES from a source (src/lab/bulk.ts), with a pause behind each piece, TIMES times one after
# the other in each of four processes; says how many came whole.
use strict;
use warnings;
use Socket qw(:all);

my ($address, $port, $bytes, $times) = @ARGV;
pipe my $results, my $result or die "pipe: $!";
for my $process (1 .. 4) {
  next if fork;
  alarm 120;
  for my $time (1 .. $times) {
    socket(my $socket, AF_INET6, SOCK_STREAM, 0) or die "socket: $!";
    connect $socket, pack_sockaddr_in6($port, inet_pton(AF_INET6, $address)) or die "connect: $!";
    syswrite $socket, "$bytes slowly\n";
    my $got = 0;
    while (my $read = sysread $socket, my $piece, 65536) {
      $got += $read;
      select undef, undef, undef, 0.001;
    }
    syswrite $result, $got == $bytes ? '.' : 'x';
  }
  exit;
}
close $result;
my $all = join '', <$results>;
print $all =~ tr/.//, " whole, ", $all =~ tr/x//, " not\n";

# talk.pl tcp NAME PORT: keeps one connection, sends a line over it again and again, and says each echo, and how it ends.
# talk.pl udp NAME PORT: says hello once, then only listens, says each datagram, and how it ends: nothing for three seconds.
use strict;
use warnings;
use Socket qw(:all);

$| = 1;
my ($protocol, $name, $port) = @ARGV;
my $type = $protocol eq 'tcp' ? SOCK_STREAM : SOCK_DGRAM;
my ($error, $found) = Socket::getaddrinfo($name, $port, { socktype => $type });
if ($error || !$found) { print "no address\n"; exit }
socket(my $socket, $found->{family}, $type, 0) or die "socket: $!";
unless (connect $socket, $found->{addr}) { print "refused\n"; exit }
if ($protocol eq 'tcp') {
  sysread $socket, my $greeting, 100;
  for (my $count = 1; $count < 4000; $count++) {
    local $SIG{ALRM} = sub { };
    alarm 20;
    (defined syswrite $socket, "line\n") && (sysread $socket, my $echo, 100) or last;
    alarm 0;
    print "echo $count.\n";
    select undef, undef, undef, 0.05;
  }
} else {
  syswrite $socket, 'hello';
  for (my $count = 1;; $count++) {
    local $SIG{ALRM} = sub { };
    alarm 3;
    sysread $socket, my $datagram, 100 or last;
    alarm 0;
    print "echo $count.\n";
  }
}
print "cut\n";

# join.pl FOLDER PROGRAM WORDS...: the program of a network of boxes between a pair of sockets, in the place of its interface, and sockets of
# other members. Each packet is tried, and then one that is in order: what comes before that one was let through.
use strict;
use warnings;
use Socket qw(:all);

my ($folder, $program, @words) = @ARGV;
chdir $folder or die "chdir: $!";
$^F = 1000; # no descriptor is closed on exec
sub member { socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; if (defined $_[0]) { bind $s, pack_sockaddr_un($_[0]) or die "bind: $!"; chmod 0666, $_[0] } return $s }
my ($own, $nine, $three, $nobody) = map { member($_) } 7, 9, 3, undef;
mkdir 'below'; chdir 'below'; my $elsewhere = member('../9x'); chdir '..';
socketpair(my $gate, my $tun, AF_UNIX, SOCK_SEQPACKET, 0) or die "socketpair: $!";
use Fcntl;
fcntl $tun, F_SETFL, O_RDWR | O_NONBLOCK or die;
sysopen my $dir, '.', 0 or die;
pipe my $ready, my $say or die;
open my $log, '+>>', 'log' or die; open my $other, '+>>', 'log.1' or die;
my $pid = fork;
if ($pid == 0) {
  my @fds = ('--tun-fd', fileno $tun, '--socket-fd', fileno $own, '--folder-fd', fileno $dir, '--ready-fd', fileno $say);
  exec $program, 'join', @fds, '--log-fd', fileno $log, '--log-other-fd', fileno $other, @words or die "exec: $!";
}
close $say;
sysread $ready, my $byte, 1 or die "it ended at once";

sub four { my ($from, $to, $text, %with) = @_; return pack('CCnnnCCn', $with{first} // 0x45, 0, $with{length} // 20 + length $text, 0, 0, 64, 17, 0) . inet_aton($from) . inet_aton($to) . $text }
sub six { my ($from, $to, $text) = @_; return pack('Nnca', 0x60000000, length $text, 17, chr 64) . inet_pton(AF_INET6, $from) . inet_pton(AF_INET6, $to) . $text }
# What arrives at a socket before the last packet does.
sub before { my ($socket, $last) = @_; my @texts; while (defined recv $socket, my $got, 70000, 0) { last if $got eq $last; push @texts, $got } return @texts }
sub said { my ($what, @texts) = @_; print "$what: ", @texts ? join(', ', map { /([a-z]+)$/ ? $1 : 'other' } @texts) : 'nothing', "\n" }

my ($self, $peer) = ('198.18.0.7', '198.18.0.9');
my ($self6, $peer6) = ('fd67:6c6f:7667::7', 'fd67:6c6f:7667::9');
my $to = pack_sockaddr_un('7');
my $last = four($peer, $self, 'last');
sub inward { my ($what, $socket, @packets) = @_; send $socket, $_, 0, $to or print "not sent: $!\n" for @packets; send $nine, $last, 0, $to; said("in, $what", before($gate, $last)) }
inward('in order', $nine, four($peer, $self, 'four'), six($peer6, $self6, 'six'));
inward('of another', $nine, four('198.18.0.3', $self, 'x'), six('fd67:6c6f:7667::3', $self6, 'x'), four('9.9.9.9', $self, 'x'), four($self, $self, 'x'));
inward('to another', $nine, four($peer, '198.18.0.3', 'x'), four($peer, '192.168.7.2', 'x'), six($peer6, '2620:fe::9', 'x'));
inward('malformed', $nine, 'x', substr(four($peer, $self, 'x'), 0, 12), four($peer, $self, 'x', length => 99), four($peer, $self, 'x', first => 0x46), four($peer, $self, 'x', first => 0x55), 'x' x 70000);
inward('of nobody', $nobody, four($peer, $self, 'x'), four($self, $self, 'x'));
inward('of a socket from elsewhere', $elsewhere, four($peer, $self, 'x'));

my $out = four($self, $peer, 'last');
sub outward { my ($what, @packets) = @_; send $gate, $_, 0 for @packets; send $gate, $out, 0; said("out, $what", before($nine, $out)) }
outward('in order', four($self, $peer, 'four'), six($self6, $peer6, 'six'));
outward('with another source', four('198.18.0.3', $peer, 'x'), four('192.168.7.2', $peer, 'x'), six('2620:fe::9', $peer6, 'x'), six($peer6, $peer6, 'x'));
outward('malformed', 'x', four($self, $peer, 'x', length => 25), four($self, $peer, 'x', first => 0x4f));
send $gate, four($self, '198.18.0.200', 'unknown'), 0;
recv $gate, my $error, 2000, 0;
my ($source, $target) = map { inet_ntoa(substr $error, $_, 4) } 12, 16;
print "to nobody: ICMP ", join(' ', unpack 'CC', substr $error, 20, 2), " from $source to $target\n";
kill 'TERM', $pid;
waitpid $pid, 0;
print 'ended with ', $? >> 8, "\n";

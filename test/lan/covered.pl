# Runs a command where files of the machine are covered: `bind SOURCE TARGET …`, `tmpfs TARGET OPTIONS …` (`ro`: read-only), `--`, the command. By the system
# call itself, as mount(8) takes who is not root for somebody without power over their own namespace.
use strict; use warnings;
my ($MOUNT, $BIND) = (165, 4096);
sub check { my ($result, $what) = @_; die "$what: $!\n" if $result != 0 }
while (defined(my $word = shift @ARGV)) {
  last if $word eq '--';
  my ($first, $second) = (shift @ARGV, shift @ARGV);
  if ($word eq 'bind') { check(syscall($MOUNT, $first, $second, my $none = '', $BIND, 0), "bind $second") }
  else { check(syscall($MOUNT, my $source = 'none', $first, my $type = 'tmpfs', $second eq 'ro' ? 1 : 0, $second eq 'ro' ? my $default = '' : $second), "tmpfs $first") }
}
exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\n";

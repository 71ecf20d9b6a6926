# tone.pl make FILE: four seconds of a tone of 440 Hz, as WAV of 8,000 samples a second.
# tone.pl hear FILE: how loud 440 and 700 Hz are in it (Goertzel's algorithm), in its loudest tenth of a second: on a busy machine sound comes
# with gaps, and the halves of a tone beside a gap cancel each other.
use strict;
use warnings;
my ($act, $file) = @ARGV;
my ($RATE, $PI) = (8000, 3.14159265358979);
if ($act eq 'make') {
  my $sound = join '', map { pack 's<', 8000 * sin(2 * $PI * 440 * $_ / $RATE) } 1 .. 4 * $RATE;
  open my $out, '>:raw', $file or die "$file: $!";
  print $out 'RIFF', pack('V', 36 + length $sound), 'WAVEfmt ', pack('VvvVVvv', 16, 1, 1, $RATE, 2 * $RATE, 2, 16), 'data',
    pack('V', length $sound), $sound;
  exit;
}
open my $in, '<:raw', $file or die "$file: $!";
local $/;
my @samples = unpack 's<*', substr <$in>, 44;
sub loudness {
  my ($hertz, @part) = @_;
  my $factor = 2 * cos(2 * $PI * $hertz / $RATE);
  my ($one, $two) = (0, 0);
  ($one, $two) = ($_ + $factor * $one - $two, $one) for @part;
  return sqrt(abs($one * $one + $two * $two - $factor * $one * $two)) * 2 / @part;
}
my ($best, $other) = (0, 0);
my $length = $RATE / 10;
for (my $at = 0; $at + $length <= @samples; $at += $length / 4) {
  my @part = @samples[$at .. $at + $length - 1];
  my $tone = loudness(440, @part);
  ($best, $other) = ($tone, loudness(700, @part)) if $tone > $best;
}
printf "440 Hz: %d, 700 Hz: %d\n", $best, $other;

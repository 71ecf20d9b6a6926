/* What figures are told with, alike in a terminal and on a page. */

export const EMULATION =
  'its processor is emulated in software here; the figure says nothing of the same technology with hardware that helps'
export const EQUAL = 'where the difference is within what the measurement itself shows'
export const UNCLEAR = 'where the interval holds 1 and nearly anything else, so that nobody can say'
export const NOISY = 'its interval is so wide that nobody should lean on it'
export const QUICK = 'The price was measured quickly: fewer and shorter runs, and wider intervals'

/* The holder's words for what runs in a gate (native/options.c). */

export const counted = (flag: string, words: readonly string[]): string[] => [
  flag,
  String(words.length),
  ...words,
]

/** The two halves of a log, as files of the next program. */
export const logFiles = (halves: readonly string[]): string[] =>
  halves.flatMap((path) => ['--gate-file', 'log', path])

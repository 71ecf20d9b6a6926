/** What each bomb takes at the most: more than the limit that a box is started with, where it is. */
export const BOUNDS = {
  processes: 2000,
  memoryMib: 256,
  /** Twice the limit of a bounded box. */
  boundedMib: 512,
  /** Burners for each processor, and how long they burn. */
  burners: 8,
  burnMs: 5000,
  diskMib: 256,
  files: 20_000,
  ioMib: 128,
  tmpfsMib: 768,
  descriptors: 4096,
  keys: 100,
  sendMib: 32,
} as const

/** For the command line, which prints them before an exam that has bombs in it. */
export const EXHAUSTION_BOUNDS: readonly string[] = [
  `at most ${BOUNDS.processes} sleeping processes`,
  `at most ${BOUNDS.boundedMib} MiB of memory, and ${BOUNDS.tmpfsMib} MiB of files in memory`,
  `${BOUNDS.burners} busy processes for each processor, for ${BOUNDS.burnMs / 1000} s`,
  `at most ${BOUNDS.diskMib} MiB of files and ${BOUNDS.files} empty files; ${BOUNDS.ioMib} MiB of writes`,
  `at most ${BOUNDS.descriptors} open files, ${BOUNDS.keys} keys, and three quarters of the pseudo-terminals and watchers`,
  `at most ${BOUNDS.sendMib} MiB of datagrams to a listener of the exam's own`,
]

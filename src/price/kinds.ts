import type { Metric } from './result-types.ts'
import { WORKLOADS } from './workloads.ts'

/* Metrics that are measured from outside of a box. */

export const START: Metric = {
  ...{ id: 'start', group: 'start', title: 'start', unit: 'ms', better: 'less' },
  says: 'From the command to the first word of a program in the box, with all files in memory; of the host: of that program alone.',
}

export const COLD: Metric = {
  ...{ id: 'cold', group: 'start', title: 'cold start', unit: 'ms', better: 'less' },
  says: 'The same, with the files that the box is made of put out of memory first (posix_fadvise(2)).',
}

export const RESUME: Metric = {
  ...{ id: 'resume', group: 'start', title: 'resumed start', unit: 'ms', better: 'less' },
  says: "The same, going on from a booted machine's kept memory (--warm).",
}

export const MEMORY: Metric = {
  ...{ id: 'memory', group: 'memory', title: 'memory of one box', unit: 'MB', better: 'less' },
  says: 'Of all processes that one idle box adds to the host, pages that others share counted in part (PSS).',
}

export const GROWTH: Metric = {
  ...{ id: 'growth', group: 'memory', title: 'memory of a further box', unit: 'MB', better: 'less' },
  says: 'What each box beyond the first adds, of several of one image.',
}

export const COMMAND: Metric = {
  ...{ id: 'command', group: 'command', title: 'your command', unit: 'ms', better: 'less' },
  says: 'The command that was given, in a box that runs already, by its exit code.',
}

const OUTSIDE: readonly Metric[] = [START, COLD, RESUME, MEMORY, GROWTH]

/** All metrics of a run, in the order in which they are told. */
export function metricsOf(withCommand: boolean): Metric[] {
  const inside = WORKLOADS.map(({ words: _words, perBatch: _perBatch, ...metric }) => metric)
  return [...OUTSIDE, ...inside, ...(withCommand ? [COMMAND] : [])]
}

import type { LimitName, Limits } from './types.ts'
import {
  badValue,
  formatDuration,
  formatSize,
  parseCpus,
  parseDuration,
  parseSize,
  parseWhole,
  type ValueSource,
} from './units.ts'

/** What is written for a limit that is to have no bound. */
export const UNLIMITED = 'unlimited'

/** One limit as people write and read it; flags, files, the JSON schema and the words are all made from these. */
export interface LimitKind {
  readonly field: keyof Limits
  readonly parse: (text: string, source: ValueSource) => number
  readonly format: (value: number) => string
  readonly minimum: number
  readonly maximum: number
  readonly example: string
  /** What it bounds and in which unit, for help and schemas. */
  readonly description: string
}

export const LIMIT_KINDS: Readonly<Record<LimitName, LimitKind>> = {
  memory: {
    field: 'memoryBytes',
    parse: parseSize,
    format: formatSize,
    // Below this an OCI runtime cannot start its own first process; docker(1) has the same bound.
    minimum: 6 * 2 ** 20,
    maximum: 2 ** 50,
    example: '512M',
    description: 'Memory of all processes together, and of the files that the box holds in memory, in bytes',
  },
  cpus: {
    field: 'cpus',
    parse: parseCpus,
    format: String,
    // cpu.max takes no quota under 1 ms, and a period is 100 ms (Documentation/admin-guide/cgroup-v2.rst).
    minimum: 0.01,
    maximum: 8192,
    example: '1.5',
    description: "CPUs' worth of time, in CPUs (0.5 is half of one)",
  },
  processes: {
    field: 'processes',
    parse: parseWhole,
    format: String,
    minimum: 1,
    // PID_MAX_LIMIT, proc(5).
    maximum: 2 ** 22,
    example: '4096',
    description: 'Processes and threads together, as a count',
  },
  'open-files': {
    field: 'openFiles',
    parse: parseWhole,
    format: String,
    minimum: 16,
    // The kernel's own /proc/sys/fs/nr_open where nobody has changed it, proc(5): above it setrlimit(2) fails.
    maximum: 2 ** 20,
    example: '65536',
    description: 'Open files of each process, as a count',
  },
  disk: {
    field: 'diskBytes',
    parse: parseSize,
    format: formatSize,
    minimum: 2 ** 20,
    maximum: 2 ** 50,
    example: '2G',
    description: 'What the box may write, outside of its kept home, in bytes',
  },
  wall: {
    field: 'wallMs',
    parse: parseDuration,
    format: formatDuration,
    minimum: 1,
    // A longer timer of Node fires at once (setTimeout of Node's documentation).
    maximum: 2 ** 31 - 1,
    example: '30m',
    description: 'Time from the start until the box is ended, with a unit: ms, s, m, h or d',
  },
}

/**
 * The value of a limit, or undefined for `unlimited`.
 *
 * @throws GloveboxError BAD_VALUE
 */
export function parseLimit(name: LimitName, text: string, source: ValueSource): number | undefined {
  if (text === UNLIMITED) return undefined
  const { parse, format, minimum, maximum } = LIMIT_KINDS[name]
  const value = parse(text, source)
  if (value < minimum) throw badValue(text, source, `the least is ${format(minimum)}`)
  if (value > maximum) throw badValue(text, source, `the most is ${format(maximum)}`)
  return value
}

/** The limits with one of them set, or taken away by undefined. */
export function withLimit(limits: Limits, name: LimitName, value: number | undefined): Limits {
  const { [LIMIT_KINDS[name].field]: _old, ...rest } = limits
  return value === undefined ? rest : { ...rest, [LIMIT_KINDS[name].field]: value }
}

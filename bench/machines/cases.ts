import { median, p90, type Row } from '../statistics.ts'
import type { Mark, Run, Watch } from '../watch.ts'

/** What the workload says when it ran: 1000 steps of its generator. */
export const PROOF = 'works 17660865281050590889'

export interface Case {
  readonly argv: readonly string[]
  readonly deadlineSeconds: number
}

export interface Timed {
  /** A hang or a failure counts as infinite. */
  readonly wallMs: readonly number[]
  readonly cpuMs: readonly number[]
  readonly hangs: number
  readonly failures: number
}

/** Where the clock of a run begins: by hand, when the file systems are there. */
export function beginOf(run: Run): Mark {
  return run.lines.find(({ text }) => text === 'hand starts') ?? { wallMs: 0, cpuMs: 0 }
}

/** It did its work, and said so. */
export const worked = (run: Run): boolean =>
  run.exitCode === 0 && run.lines.some(({ text }) => text.startsWith(PROOF))

/** What a command printed last, for one that failed. */
export const lastWords = ({ lines, exitCode }: Run): string =>
  `it ended with ${exitCode}: ${lines
    .slice(-5)
    .map(({ text }) => text)
    .join(' | ')}`

/** Runs cases in turn, A B C A B C …, each once unmeasured before. */
export async function interleave<Name extends string>(
  watch: Watch,
  cases: Readonly<Record<Name, Case>>,
  runs: number,
): Promise<Record<Name, Timed>> {
  const names = Object.keys(cases) as Name[]
  const all = new Map(names.map((name) => [name, [] as Run[]]))
  for (let run = -1; run < runs; run++)
    for (const name of names) {
      const done = await watch.run(cases[name].argv, cases[name].deadlineSeconds)
      if (run >= 0) all.get(name)?.push(done)
      else if (!worked(done)) throw new Error(`Nothing to measure in ${name}: ${lastWords(done)}`)
    }
  return Object.fromEntries(names.map((name) => [name, timed(all.get(name) ?? [])])) as Record<Name, Timed>
}

function timed(runs: readonly Run[]): Timed {
  const of = (key: keyof Mark): number[] =>
    runs.map((run) => (worked(run) ? run.end[key] - beginOf(run)[key] : Number.POSITIVE_INFINITY))
  return {
    wallMs: of('wallMs'),
    cpuMs: of('cpuMs'),
    hangs: runs.filter(({ hung }) => hung).length,
    failures: runs.filter((run) => !run.hung && !worked(run)).length,
  }
}

const pair = (a: number, b: number): string => `${a.toFixed(0)} / ${b.toFixed(0)}`
/** A median says little where the slowest tenth took this much longer. */
const NOISY = 1.5

function spread(name: string, sample: readonly number[]): string {
  return p90(sample) > NOISY * median(sample) ? `; noisy: p90 of ${name} ${p90(sample).toFixed(0)}` : ''
}

/**
 * Two rows, wall and CPU, of one side against another.
 *
 * @param less taken away from the first side: what its supervisor costs with a container
 */
export function ratioRows(
  name: string,
  ours: Timed,
  theirs: Timed,
  most: number | undefined,
  less?: Timed,
): Row[] {
  return (['wallMs', 'cpuMs'] as const).map((key) => {
    const taken = less === undefined ? 0 : median(less[key])
    const [a, b] = [median(ours[key]) - taken, median(theirs[key])]
    const failed = [ours, theirs].map(({ hangs, failures }) => hangs + failures).join(' and ')
    const p = `p90 ${pair(p90(ours[key]) - taken, p90(theirs[key]))}`
    const noise = spread('ours', ours[key]) + spread('theirs', theirs[key])
    return {
      name: `${name}, ${key === 'wallMs' ? 'wall' : 'CPU'}`,
      value: a / b,
      ...(most === undefined ? {} : { most }),
      detail: `${pair(a, b)} ms, ${p}, failed ${failed} of ${ours[key].length}${noise}`,
    }
  })
}

import { readFileSync } from 'node:fs'
import { median, quantile } from '../statistics.ts'
import { loadOn, PORT, type Side, type World } from './sides.ts'

/** What the load's client prints (load.c), and the CPU of all that took part, where the host can tell. */
export interface Sample {
  readonly first: number
  readonly second: number
  /** Of client, server and pasta; NaN where it was not asked for. */
  readonly cpuMs: number
}

/** A try that failed counts as infinitely slow: with pasta alone a connection under load is sometimes cut. */
const NOTHING: Sample = { first: 0, second: 1e6, cpuMs: Number.POSITIVE_INFINITY }
const LATE: Sample = { ...NOTHING, first: Number.POSITIVE_INFINITY }

/** USER_HZ of Linux on all of Node's architectures (proc_pid_stat(5)). */
const TICK_MS = 10

/** Of a process and all its threads, ended ones too. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

export interface Try {
  readonly mode: 'up' | 'down' | 'ping' | 'udp-both' | 'udp-ping'
  readonly address: string
  /** Seconds, or how many pings. */
  readonly number: number
  readonly connections: number
}

/** One run of the load. @param pasta whose CPU counts, where there is one */
export async function sample(world: World, side: Side, one: Try, pasta?: number): Promise<Sample> {
  const words = ['client', one.address, String(PORT), one.mode, String(one.number), String(one.connections)]
  const pids = [world.serverPid, ...(pasta === undefined ? [] : [pasta])]
  const spent = (): number => pids.reduce((sum, pid) => sum + cpuOf(pid), 0)
  const before = spent()
  const { code, stdout } = await world.lab.run(side.node, ['timeout', '20', ...loadOn(world, side, words)])
    .result
  if (code !== 0) return one.mode.endsWith('ping') ? LATE : NOTHING
  const [first = Number.NaN, second = Number.NaN, clientUs = Number.NaN] = stdout
    .trim()
    .split(/\s+/)
    .map(Number)
  return { first, second, cpuMs: spent() - before + clientUs / 1000 }
}

/** A sample's middle and its spread, in words. */
export function spread(values: readonly number[], digits = 0): string {
  const at = (q: number): string => quantile(values, q).toFixed(digits)
  return `${median(values).toFixed(digits)} (${at(0.1)} to ${at(0.9)})`
}

/** Runs the sides in turn, A B C A B C …. @returns the samples of each */
export async function inTurn<Name extends string>(
  sides: Readonly<Record<Name, () => Promise<Sample>>>,
  runs: number,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(sides) as Name[]
  const found = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>
  for (let run = 0; run < runs; run++) for (const name of names) found[name].push(await sides[name]())
  return found
}

import type { HostRecord, SubjectRecord } from '../exam/result-types.ts'
import type { EngineName } from '../plan/types.ts'

/** A measured price as data: what `--json` prints, and what reports, `compare` and `choose` are made from. */
export interface PriceResult {
  readonly version: 1
  readonly id: string
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly endedAt: string
  readonly glovebox: string
  readonly host: HostRecord
  /** Fewer and shorter runs: wider intervals. */
  readonly quick: boolean
  /** The user's own command, where one was given. */
  readonly command?: readonly string[]
  /** What was measured, in the order in which it is told. */
  readonly metrics: readonly Metric[]
  readonly sides: readonly SideResult[]
  /** What a bad neighbour did; absent where it was not asked for. */
  readonly neighbours?: NeighboursResult
}

export const GROUPS = ['start', 'memory', 'processor', 'kernel', 'files', 'network', 'command'] as const
export type Group = (typeof GROUPS)[number]

/** Units of figures. `ms`, `us` and `ns` are of a clock that only goes forward; MB is 10^6 bytes. */
export const UNITS = ['ms', 'us', 'ns', 'MB', 'MB/s', '1/s'] as const
export type Unit = (typeof UNITS)[number]

/** One thing that is measured, alike on all sides. */
export interface Metric {
  /** Stable, for programs: `calls`. */
  readonly id: string
  readonly group: Group
  /** For people: `system call`. */
  readonly title: string
  readonly unit: Unit
  readonly better: 'less' | 'more'
  /** What one unit of it is, and how it is known that the work was done. */
  readonly says: string
}

/** One technology, measured beside the bare host: their runs take turns. */
export interface SideResult {
  readonly subject: SubjectRecord & { readonly engine: EngineName }
  /** Its processor is emulated in software: said at each of its figures. */
  readonly emulated: boolean
  readonly figures: readonly Figure[]
  /** The share of a run that is the measuring itself, by a workload that does nothing, where it is largest. */
  readonly disturbance?: { readonly share: number; readonly metric: string }
  /** What a reader must know before leaning on a figure, in sentences. */
  readonly warnings: readonly string[]
  readonly milliseconds: number
}

export type Figure = MeasuredFigure | NotMeasured

/** An engine cannot give it, or the work was not done. */
export interface NotMeasured {
  readonly metric: string
  readonly state: 'not measured'
  readonly reason: string
}

export interface MeasuredFigure {
  readonly metric: string
  readonly state: 'measured'
  readonly box: Sample
  /** The same work on the bare host, its runs between those of the box; absent where the host alone has no such thing. */
  readonly bare?: Sample
  /** Absent with `bare`. */
  readonly ratio?: Ratio
  /** Its interval is so wide that nobody should lean on it. */
  readonly noisy: boolean
}

/** In the metric's unit. */
export interface Sample {
  readonly runs: number
  readonly median: number
  /** Bounds of the 95 % bootstrap interval of the median. */
  readonly low: number
  readonly high: number
  /** Interquartile range over the median. */
  readonly spread: number
  /** Each run, in the order of time. */
  readonly values: readonly number[]
}

/** Cost of the box over cost of the bare host: over 1 is always dearer, also where more is better. */
export interface Ratio {
  readonly value: number
  /** Bounds of its 95 % bootstrap interval. */
  readonly low: number
  readonly high: number
  /**
   * `equal` where the interval holds 1, or the difference is below what an empty workload shows; `unclear` where it holds 1 and is so
   * wide that it holds nearly anything.
   */
  readonly says: 'equal' | 'unclear' | 'dearer' | 'cheaper'
}

/* Neighbours: the design of Matthews et al., "Quantifying the Performance Isolation Properties of Virtualization Systems",
 * ExpCS 2007: a well-behaved server in one box while another box misbehaves. */

export const STRESSES = ['memory', 'fork', 'cpu', 'disk', 'transmit', 'receive'] as const
export type Stress = (typeof STRESSES)[number]

export interface NeighboursResult {
  /** What a bomb takes at the most, in sentences. */
  readonly bounds: readonly string[]
  readonly sides: readonly NeighbourSide[]
}

export interface NeighbourSide {
  /** `bare` is two processes of the host without any box. */
  readonly name: EngineName | 'bare'
  readonly emulated: boolean
  readonly stresses: readonly NeighbourFigure[]
}

export type NeighbourFigure =
  | { readonly stress: Stress; readonly state: 'not measured'; readonly reason: string }
  | {
      readonly stress: Stress
      readonly state: 'measured'
      /** The well-behaved server: good answers a second in windows without and with the bomb next door. */
      readonly well: Degradation
      /** A second server in the box that misbehaves; absent where it did not report, as in 2007. */
      readonly bad?: Degradation
      /** What the bomb did, counted: that it really ran. */
      readonly work: string
    }

export interface Degradation {
  /** Answers a second. */
  readonly alone: Sample
  readonly beside: Sample
  /** Loss in percent of the median, and its 95 % bootstrap interval; below 0 where it was quicker. */
  readonly percent: number
  readonly low: number
  readonly high: number
  readonly equal: boolean
}

import type { Asset } from '../exam/types.ts'
import type { EngineName } from '../plan/types.ts'

/** What a choice is made by, and what came of it: `glovebox choose --json`. */
export interface Choice {
  readonly version: 1
  readonly require: readonly Requirement[]
  readonly budget: readonly Bound[]
  /** The exam and the price that it follows from: of the one that was chosen, or the newest exam that says anything. */
  readonly exam: Source
  readonly price: Source
  /** The cheapest that holds what is required within the budget; absent where there is none. */
  readonly chosen?: EngineName
  /** All engines, the cheapest first. */
  readonly candidates: readonly Candidate[]
}

export interface Source {
  readonly id: string
  readonly at: string
}

/** An asset of the exam, or what people call a part of one: `lan` is network. */
export interface Requirement {
  readonly word: string
  readonly asset: Asset
}

/** `start<500ms`, `memory<200M`: a metric of the price, and the most (or least) that it may be, in the metric's unit. */
export interface Bound {
  readonly word: string
  readonly metric: string
  readonly relation: '<' | '>'
  readonly value: number
}

export interface Candidate {
  readonly engine: EngineName
  readonly state: 'chosen' | 'would do, dearer' | 'too weak' | 'over budget' | 'unknown'
  /** Why, in one sentence each. */
  readonly why: readonly string[]
  /** Assets that it holds beyond what is required. */
  readonly alsoHolds: readonly Asset[]
  /** The exam that says what it holds; absent where none does. */
  readonly exam?: Source
  /** Geometric mean of its ratios to the bare host; absent where nothing was measured. */
  readonly cost?: number
}

import type { ControlResult, Controls, Finding } from './result-types.ts'
import type { Sighting, Verdict } from './types.ts'

/** What is known of a probe when it has been carried out. */
export interface Trial {
  /** Why it does not apply to this subject. */
  readonly notFor?: string
  /** The subject did not come up. */
  readonly neverStarted?: string
  /** What the machine lacks to plant or to see. */
  readonly lacks?: string
  readonly controls?: Controls
  /** Why the machine itself prevents it. */
  readonly moot?: string
  /** The words of the policy that grant it. */
  readonly granted?: string
  readonly attempts: readonly Sighting[]
  /** The exam itself failed at it, such as at planting. */
  readonly broken?: string
}

export type Judgement = Pick<Finding, 'verdict' | 'reason'>

/**
 * The verdict on a probe. Pure. Only attempts that failed beside controls that could have shown the hole are `held`: where a
 * control does not work, nobody can say.
 */
export function judge(trial: Trial): Judgement {
  if (trial.notFor !== undefined) return say('not applicable', trial.notFor)
  if (trial.neverStarted !== undefined) return say('inconclusive', trial.neverStarted)
  if (trial.lacks !== undefined) return say('inconclusive', trial.lacks)
  if (trial.broken !== undefined) return say('error', trial.broken)
  const { controls, attempts } = trial
  if (controls?.negative.state === 'reached')
    return say(
      'inconclusive',
      `the negative control saw a canary where none was: ${controls.negative.evidence}`,
    )
  const reached = attempts.find((attempt) => attempt.reached)
  if (reached !== undefined)
    return trial.granted === undefined
      ? say('breach', reached.evidence)
      : say('granted', `${trial.granted}: ${reached.evidence}`)
  if (controls === undefined) return say('inconclusive', 'its controls were not run')
  const weak = judgeControls(controls, trial.moot)
  if (weak !== undefined) return weak
  const [first] = attempts
  if (first !== undefined && attempts.every((attempt) => attempt.unstarted))
    return say('inconclusive', first.evidence)
  const failed = attempts.filter((attempt) => attempt.failed)
  if (failed[0] !== undefined)
    return say('error', `${failed.length} of ${attempts.length} attempts failed: ${failed[0].evidence}`)
  const blind = attempts.find((attempt) => attempt.blind)
  if (blind !== undefined) return say('inconclusive', `it cannot be seen from outside: ${blind.evidence}`)
  return first === undefined ? say('inconclusive', 'it was not tried') : say('held', first.evidence)
}

function judgeControls({ bare, holed, negative }: Controls, moot: string | undefined): Judgement | undefined {
  if (bare.state !== 'reached')
    return moot !== undefined && bare.state === 'not reached'
      ? say('moot', moot)
      : say('inconclusive', `without a sandbox it fails, too: ${bare.evidence}`)
  if (negative.state !== 'not reached')
    return say('inconclusive', `the negative control failed: ${negative.evidence}`)
  if (holed.state !== 'reached')
    return say('inconclusive', `with the hole opened on purpose it fails, too: ${holed.evidence}`)
  return undefined
}

const say = (verdict: Verdict, reason: string): Judgement => ({ verdict, reason })

/** A control in one word: an attempt that went wrong is neither. */
export function controlOf(sighting: Sighting): ControlResult {
  const state = sighting.reached ? 'reached' : sighting.failed || sighting.blind ? 'failed' : 'not reached'
  return { state, evidence: sighting.evidence }
}

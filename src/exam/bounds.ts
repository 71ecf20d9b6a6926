import { EXHAUSTION_BOUNDS } from './catalogue/exhaustion/bounds.ts'
import { chooseProbes } from './choose.ts'

/** What is to be told before probes of exhaustion begin. */
export function boundsOf(only: readonly string[]): readonly string[] {
  if (!chooseProbes(only).some(({ asset }) => asset === 'exhaustion')) return []
  return [
    'Some probes use up this machine, for seconds and within these bounds (leave them out with --only):',
    ...EXHAUSTION_BOUNDS.map((bound) => `  - ${bound}`),
  ]
}

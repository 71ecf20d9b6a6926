import { outcomeOf } from '../../exam/outcome.ts'
import type { Finding } from '../../exam/result-types.ts'
import { ASSETS, type Asset } from '../../exam/types.ts'
import type { Technology } from './technologies.ts'

/**
 * What a technology does for one asset. `held` where something held and nothing was breached; a grant of the policy opens a door,
 * so that an asset of which only grants are known is not held. `unknown` where no probe could show anything.
 */
export type AssetState = 'breach' | 'held' | 'granted' | 'unknown'

export function assetState(findings: readonly Pick<Finding, 'verdict'>[]): AssetState {
  const has = (verdict: Finding['verdict']) => findings.some((finding) => finding.verdict === verdict)
  if (has('breach')) return 'breach'
  if (has('held')) return 'held'
  return has('granted') ? 'granted' : 'unknown'
}

/** No share and no percentage: a box with one open door is not 99 % shut. */
export interface Benefit {
  readonly assets: Readonly<Record<AssetState, readonly Asset[]>>
  /** All that were asked. */
  readonly asked: number
}

/** Absent where it was not examined, or nobody can say anything of it. */
export function benefitOf({ exam }: Technology): Benefit | undefined {
  if (exam === undefined || outcomeOf(exam) === 'unknown') return undefined
  const groups = Map.groupBy(exam.findings, ({ asset }) => asset)
  const assets: Record<AssetState, Asset[]> = { breach: [], held: [], granted: [], unknown: [] }
  for (const asset of ASSETS) {
    const group = groups.get(asset)
    if (group !== undefined) assets[assetState(group)].push(asset)
  }
  return { assets, asked: groups.size }
}

/** Assets of which anything was asked, of any technology; in the order of reports. */
export function askedAssets(technologies: readonly Technology[]): Asset[] {
  const asked = new Set(technologies.flatMap(({ exam }) => exam?.findings ?? []).map(({ asset }) => asset))
  return ASSETS.filter((asset) => asked.has(asset))
}

/** Why there is no benefit to be shown. */
export function unexamined({ exam }: Technology): string {
  if (exam === undefined) return 'it was not examined'
  return exam.neverStarted === undefined ? 'no probe could show anything' : 'it never started'
}

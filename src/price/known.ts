import type { ExamResult, HostRecord, SubjectRecord, SubjectResult } from '../exam/result-types.ts'
import type { Asset } from '../exam/types.ts'
import { ENGINE_NAMES, type EngineName } from '../plan/engine-names.ts'
import type { Source } from './choice-types.ts'
import { costsOf } from './cost.ts'
import type { PriceResult } from './result-types.ts'

/** The box that a technology is chosen for, and the machine that it is to run on. */
export interface AskedBox {
  readonly host: HostRecord
  readonly glovebox: string
  readonly image: string
  readonly policy: string
  readonly now: Date
}

export type Examined = { readonly source: Source; readonly subject: SubjectResult }

/** How far the clock may have been ahead when a result was kept; what is farther would be the newest for ever. */
const SKEW_MS = 5 * 60_000

type Taken = Pick<ExamResult, 'host' | 'glovebox' | 'endedAt'>

/** Of this machine as it is now: another kernel, user, processor or version of Glovebox is another machine. */
export function isOfHere({ host, glovebox, endedAt }: Taken, box: AskedBox): boolean {
  return (
    host.kernel === box.host.kernel &&
    host.machine === box.host.machine &&
    host.uid === box.host.uid &&
    host.cpu === box.host.cpu &&
    glovebox === box.glovebox &&
    Date.parse(endedAt) <= box.now.getTime() + SKEW_MS
  )
}

export const isOfBox = ({ image, policy }: SubjectRecord, box: AskedBox): boolean =>
  image?.digest === box.image && policy?.digest === box.policy

/**
 * Of each technology the newest exam of this box that asked all that must be asked. A breach that a later exam has found counts
 * against it, also one that asked only a part; what held in a part makes nothing good.
 *
 * @param results the newest first; read no further than needed
 * @param probes ids of all probes of the assets that are required
 */
export function newestExams(
  results: Iterable<ExamResult>,
  box: AskedBox,
  probes: readonly string[],
): Map<EngineName, Examined> {
  const found = new Map<EngineName, Examined>()
  const later = new Map<EngineName, SubjectResult['findings']>()
  for (const result of results) {
    if (!isOfHere(result, box)) continue
    for (const subject of result.subjects) {
      const engine = ENGINE_NAMES.find((one) => subject.subject.engine === one)
      if (engine === undefined || found.has(engine) || !isOfBox(subject.subject, box)) continue
      const breaches = later.get(engine) ?? []
      if (covers(subject, probes)) {
        const merged = { ...subject, findings: [...breaches, ...subject.findings] }
        found.set(engine, { source: { id: result.id, at: result.endedAt }, subject: merged })
      } else
        later.set(engine, [...breaches, ...subject.findings.filter(({ verdict }) => verdict === 'breach')])
    }
    if (found.size === ENGINE_NAMES.length) break
  }
  return found
}

/** One that never started has answered: it can not. */
function covers({ findings, neverStarted }: SubjectResult, probes: readonly string[]): boolean {
  const asked = new Set(findings.map(({ probe }) => probe))
  return neverStarted !== undefined || probes.every((probe) => asked.has(probe))
}

/**
 * The newest price of this box on this machine, of those that tell the cost of most technologies: a later one of a single technology
 * does not make the others unknown. Only its sides of this box are left.
 */
export function newestPriceOf(results: Iterable<PriceResult>, box: AskedBox): PriceResult | undefined {
  let best: { readonly price: PriceResult; readonly count: number } | undefined
  for (const result of results) {
    if (!isOfHere(result, box)) continue
    const sides = result.sides.filter(({ subject }) => isOfBox(subject, box))
    const count = costsOf({ ...result, sides }).of.size
    if (count > (best?.count ?? 0)) best = { price: { ...result, sides }, count }
    if (count === ENGINE_NAMES.length) break
  }
  return best?.price
}

/** Ids of the probes of these assets. */
export const probesOf = (
  catalogue: readonly { readonly id: string; readonly asset: Asset }[],
  assets: readonly Asset[],
): string[] => catalogue.filter(({ asset }) => assets.includes(asset)).map(({ id }) => id)

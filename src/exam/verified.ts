import { GloveboxError } from '../errors.ts'
import { printable } from '../policy/quote.ts'
import type { Certificate, Combination } from './certificate.ts'
import { ASSETS, type Asset } from './types.ts'

export interface VerifiedAsk {
  /** The very box that is to be started. */
  readonly combination: Combination
  readonly maxAgeMs: number
  readonly now: Date
  /** What to run where no exam covers it: `glovebox exam --engine gvisor …`. */
  readonly command: string
}

/** How far the clock of another machine, that signed a certificate, may be ahead. */
const SKEW_MS = 5 * 60_000

/**
 * The certificates that cover this very combination: not older than `maxAgeMs`, of the whole catalogue, without a breach, and with
 * none found since; the newest first, and at least one. Pure.
 *
 * @throws GloveboxError EXAM_NOT_VERIFIED, which names what differs, or how old it is, and what to run
 */
export function checkVerified(
  certificates: readonly Certificate[],
  ask: VerifiedAsk,
): [Certificate, ...Certificate[]] {
  const newest = [...certificates].sort((a, b) => endOf(b) - endOf(a))
  const near = newest.map((certificate) => ({
    certificate,
    differs: differences(certificate.predicate.combination, ask.combination),
  }))
  // A breach counts whatever else was asked with it; only an exam of everything counts as passed.
  const breach = near.find(
    ({ certificate, differs }) => isBreached(certificate) && differs.every(isCatalogue),
  )?.certificate
  const whole = near.filter(({ differs }) => differs.length === 0).map(({ certificate }) => certificate)
  const later = whole.filter(
    (one) => !isBreached(one) && (breach === undefined || endOf(one) > endOf(breach)),
  )
  const [first, ...others] = later.filter((one) => flawOf(one, ask) === undefined)
  if (first !== undefined) return [first, ...others]
  throw notVerified(
    whyNot({ near, breach: later.length === 0 ? breach : undefined, candidate: later[0] }, ask),
    ask,
  )
}

const endOf = ({ predicate }: Certificate): number => Date.parse(predicate.endedAt)
/**
 * What a technology shares by its nature is told in its certificate and keeps no box from starting: who the host is, and what is not
 * bounded by default. All else does.
 */
const TOLD_ONLY: readonly Asset[] = ['identity', 'exhaustion']
const isBreached = ({ predicate }: Certificate): boolean =>
  predicate.breaches.some(({ probe }) => !TOLD_ONLY.some((asset) => probe.startsWith(`${asset}-`)))
const isCatalogue = (field: Field): boolean => field === 'catalogue'

type Field = keyof Combination

/** In the order in which a person would want to hear of them. */
const FIELDS: Readonly<Record<Field, string>> = {
  engine: 'the engine',
  image: 'the image',
  policy: 'the policy',
  kernel: "the machine's kernel",
  glovebox: "Glovebox's version",
  tools: 'the tools',
  distribution: 'the distribution',
  machine: 'the architecture',
  asRoot: 'whether root runs it',
  catalogue: 'what was asked',
}

/** Names of the fields in which two combinations differ. */
export function differences(a: Combination, b: Combination): Field[] {
  return (Object.keys(FIELDS) as Field[]).filter(
    (field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]),
  )
}

/** Why a certificate of the same combination says too little. */
function flawOf(certificate: Certificate, { maxAgeMs, now }: VerifiedAsk): string | undefined {
  const { predicate } = certificate
  const age = now.getTime() - endOf(certificate)
  const held = ASSETS.reduce((sum, asset) => sum + (predicate.verdicts[asset]?.held ?? 0), 0)
  if (predicate.about.neverStarted !== undefined) return 'the box never started in its exam'
  if (held === 0) return 'its exam could not show that anything held'
  if (age < -SKEW_MS) return `its exam is from ${predicate.endedAt}, which is in the future`
  if (age > maxAgeMs)
    return `its exam is ${daysInWords(age)} old, where at most ${daysInWords(maxAgeMs)} are asked for`
  return undefined
}

interface Found {
  /** Newest first. */
  readonly near: readonly { readonly certificate: Certificate; readonly differs: readonly Field[] }[]
  readonly breach: Certificate | undefined
  readonly candidate: Certificate | undefined
}

function whyNot({ near, breach, candidate }: Found, ask: VerifiedAsk): string {
  const worst = breach?.predicate.breaches[0]
  if (worst !== undefined)
    return `its exam of ${breach?.predicate.endedAt} found that it could ${printable(worst.title)}`
  const flaw = candidate === undefined ? undefined : flawOf(candidate, ask)
  if (flaw !== undefined) return flaw
  const [nearest] = [...near].sort((a, b) => a.differs.length - b.differs.length)
  if (nearest === undefined) return 'nothing was examined here yet'
  const { combination, probes, endedAt } = nearest.certificate.predicate
  const words = nearest.differs.map((field) =>
    field === 'catalogue'
      ? `${FIELDS.catalogue} (only ${probes} probes, or those of another version)`
      : fieldInWords(field, combination, ask.combination),
  )
  return `the nearest exam, of ${endedAt}, differs in ${words.join(', ')}`
}

function fieldInWords(field: Field, then: Combination, now: Combination): string {
  const shown = (value: Combination[Field]) =>
    printable(String(value)).replace(/(sha256:[0-9a-f]{12})[0-9a-f]+/g, '$1…')
  return `${FIELDS[field]} (${shown(then[field])} then, ${shown(now[field])} now)`
}

function daysInWords(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000)
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`
}

export function notVerified(why: string, { combination, command }: VerifiedAsk): GloveboxError {
  return new GloveboxError({
    code: 'EXAM_NOT_VERIFIED',
    audience: 'box',
    message: `Cannot start the box: --require-verified asks for an exam of this very combination without a breach, and ${why}.`,
    remedy: `Examine it with: ${command}`,
    details: { combination },
  })
}

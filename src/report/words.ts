import { bySeverity, type Counts } from '../exam/outcome.ts'
import type { ControlResult, Finding, SubjectRecord } from '../exam/result-types.ts'
import { ASSETS, type Asset, type Probe, type Verdict } from '../exam/types.ts'
import { printable } from '../policy/quote.ts'

/** The words of a probe, without what carries it out: what reports say beside a finding. */
export type ProbeWords = Pick<
  Probe,
  'id' | 'number' | 'asset' | 'title' | 'tries' | 'attacker' | 'severity' | 'standsFor' | 'closing' | 'price'
>

/** What a verdict means to somebody who reads it for the first time. */
export const VERDICT_MEANS: Readonly<Record<Verdict, string>> = {
  breach: 'it got through, and the policy does not grant it',
  error: 'the exam itself failed at it',
  inconclusive: 'a control did not work here: nobody can say',
  granted: 'it got through, as the policy asks for it',
  moot: 'this machine prevents it with or without a sandbox',
  held: 'it did not get through, and its controls show that it could have',
  'not applicable': 'it makes no sense for this sandbox',
}

/** Findings by asset, in the order of reports; assets that were not asked for are left out. */
export function byAsset(findings: readonly Finding[]): (readonly [Asset, readonly Finding[]])[] {
  const groups = Map.groupBy(findings, ({ asset }) => asset)
  return ASSETS.flatMap((asset) => {
    const group = groups.get(asset)
    return group === undefined ? [] : [[asset, [...group].sort((a, b) => a.number - b.number)] as const]
  })
}

/** In the order that the vector names them. */
const IN_VECTOR: readonly Verdict[] = ['held', 'granted', 'inconclusive', 'error', 'moot', 'not applicable']

/** `BREACH(2), 9 held, 3 inconclusive`. No percentage: it would call a box with one open door 99 % shut. */
export function countsInWords(counts: Counts): string {
  const rest = IN_VECTOR.flatMap((verdict) => {
    const count = counts[verdict]
    return count === undefined ? [] : [`${count} ${verdict}`]
  })
  return [...(counts.breach === undefined ? [] : [`BREACH(${counts.breach})`]), ...rest].join(', ')
}

/** `without a sandbox: reached (…)`, for each control in the order they are run. */
export function controlsInWords(
  controls: Finding['controls'],
): (readonly [name: string, words: string, right: boolean])[] {
  if (controls === undefined) return []
  const row = (name: string, { state, evidence }: ControlResult, wanted: ControlResult['state']) =>
    [name, evidence === '' ? state : `${state} (${printable(evidence)})`, state === wanted] as const
  return [
    row('without a sandbox', controls.bare, 'reached'),
    row('with the hole opened on purpose', controls.holed, 'reached'),
    row('without a canary', controls.negative, 'not reached'),
  ]
}

/** `2 of 3 attempts got through`. */
export function attemptsInWords({ attempts }: Pick<Finding, 'attempts'>): string {
  const all = `${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}`
  const [reached, failed] = [
    attempts.filter((attempt) => attempt.reached).length,
    attempts.filter((attempt) => attempt.failed).length,
  ]
  if (attempts.length === 0) return 'not tried'
  return `${reached} of ${all} got through${failed === 0 ? '' : `, ${failed} failed`}`
}

/** The command line as one types it; words with blanks in quotes. */
export function commandLine({ argv }: Pick<SubjectRecord, 'argv'>): string {
  return argv
    .map((word) => (/^[\w@%+=:,./{}-]+$/.test(word) ? word : `'${printable(word).replaceAll("'", `'\\''`)}'`))
    .join(' ')
}

/** A digest cut to what names one among thousands. */
export const shortDigest = (digest: string): string =>
  printable(digest.replace(/^(sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1…'))

/** Findings of one verdict, grouped by their reason; the groups with most of them first, the rest by severity. */
export function byReason(findings: readonly Finding[]): (readonly [reason: string, readonly Finding[]])[] {
  const groups = Map.groupBy([...findings].sort(bySeverity), ({ reason }) => reason)
  return [...groups].sort(([, a], [, b]) => b.length - a.length)
}

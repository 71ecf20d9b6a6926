import type { TestEvent } from 'node:test/reporters'

/** The counts of Node's runner that decide whether a run has shown something. */
interface Counts {
  readonly tests: number
  readonly passed: number
  readonly failed: number
  readonly cancelled: number
  readonly skipped: number
  readonly todo: number
}

/** A line of what the reporter writes: a test that failed, or, once, the counts of the whole run. */
type Line = { readonly failure: string } | { readonly counts: Counts }

/** What a run came to. */
export interface Verdict {
  /** What keeps it from being a success; empty when nothing does. */
  readonly complaints: readonly string[]
  /** Each failed test with its file and its error. */
  readonly failures: readonly string[]
}

/** Lines of an error that are told. */
const MOST_LINES = 30

/** A reporter of Node's test runner: writes failed tests and the counts of the whole run as lines of JSON. */
// biome-ignore lint/style/noDefaultExport: Node takes a reporter from its module's default export.
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    // A suite fails by its tests, which are told themselves.
    if (event.type === 'test:fail' && event.data.details.type !== 'suite')
      yield line({ failure: failureInWords(event.data) })
    // The summaries of single files name their file. The types of Node miss `failed`.
    if (event.type === 'test:summary' && event.data.file === undefined)
      yield line({ counts: event.data.counts as unknown as Counts })
  }
}

const line = (said: Line): string => `${JSON.stringify(said)}\n`

function failureInWords({
  name,
  file = '',
  details,
}: Extract<TestEvent, { type: 'test:fail' }>['data']): string {
  const { cause, message } = details.error
  const words = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause ?? message)
  return [`✖ ${name} (${file})`, ...words.split('\n').slice(0, MOST_LINES)].join('\n')
}

/** Judges what the reporter wrote. */
export function judge(text: string): Verdict {
  const said = text
    .split('\n')
    .filter((one) => one !== '')
    .map((one) => JSON.parse(one) as Line)
  const failures = said.flatMap((one) => ('failure' in one ? [one.failure] : []))
  const counts = said.flatMap((one) => ('counts' in one ? [one.counts] : [])).at(-1)
  return { complaints: counts === undefined ? ['no test ran'] : complaintsOf(counts), failures }
}

function complaintsOf(counts: Counts): string[] {
  const complaints: string[] = []
  if (counts.tests === 0 || counts.passed === 0) complaints.push('no test ran')
  for (const kind of ['failed', 'cancelled', 'skipped', 'todo'] as const)
    if (counts[kind] > 0) complaints.push(`${counts[kind]} of ${counts.tests} tests: ${kind}`)
  return complaints
}

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

/** A reporter of Node's test runner: writes the counts of the whole run as one line of JSON. */
// biome-ignore lint/style/noDefaultExport: Node takes a reporter from its module's default export.
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  // The summaries of single files name their file.
  for await (const event of events)
    if (event.type === 'test:summary' && event.data.file === undefined)
      yield `${JSON.stringify(event.data.counts)}\n`
}

/** What keeps a run, whose reporter wrote `text`, from being a success; empty when nothing does. */
export function judgeCounts(text: string): string[] {
  if (text.trim() === '') return ['no test ran']
  const counts = JSON.parse(text) as Counts
  const complaints: string[] = []
  if (counts.tests === 0 || counts.passed === 0) complaints.push('no test ran')
  for (const kind of ['failed', 'cancelled', 'skipped', 'todo'] as const)
    if (counts[kind] > 0) complaints.push(`${counts[kind]} of ${counts.tests} tests: ${kind}`)
  return complaints
}

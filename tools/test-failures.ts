import type { TestEvent } from 'node:test/reporters'

/** Lines of an error that are told. */
const MOST_LINES = 30

/** A reporter of Node's test runner: writes what failed, each with its file and its error, and nothing else. */
// biome-ignore lint/style/noDefaultExport: Node takes a reporter from its module's default export.
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type !== 'test:fail') continue
    const { name, file = '', details } = event.data
    // A suite fails by its tests, which were told already.
    if (details.type === 'suite') continue
    const { cause } = details.error
    const words =
      cause instanceof Error ? (cause.stack ?? cause.message) : String(cause ?? details.error.message)
    yield `✖ ${name} (${file})\n${words.split('\n').slice(0, MOST_LINES).join('\n')}\n\n`
  }
}

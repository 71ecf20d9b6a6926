import { explainFailure } from '../sdk.ts'
import { reportError } from './report-error.ts'

// Started by the holder in its own place when a box could not be started: the runtime's words come in on stdin, and
// go out as any other error. Nothing of what comes in is trusted.

/** More than any runtime says; the end of it is where the error is. */
const MOST_BYTES = 64 * 1024

async function explain(): Promise<void> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) text = (text + String(chunk)).slice(-MOST_BYTES)
  process.exitCode = 1
  reportError(explainFailure(text), false)
}

void explain()

import { ENGINES } from '../engine/index.ts'
import { GloveboxError } from '../errors.ts'

/**
 * Puts a failed start into words: each engine knows its own runtime's. `text` is the runtime's own log, or the
 * holder's message, which is a sentence already. It may quote names out of the image and is not trusted.
 */
export function explainFailure(text: string): GloveboxError {
  const log = text.trim()
  const holder = /^Cannot [^\n]*\.$/m.exec(log)
  if (holder !== null)
    return new GloveboxError({
      code: 'BOX_NOT_STARTED',
      audience: 'host',
      message: holder[0],
      remedy: 'Ask: glovebox doctor',
    })
  for (const engine of Object.values(ENGINES)) {
    const diagnosis = engine.diagnose(log)
    if (diagnosis !== undefined)
      return new GloveboxError({ code: 'BOX_NOT_STARTED', audience: 'box', ...diagnosis, details: { log } })
  }
  return new GloveboxError({
    code: 'BOX_NOT_STARTED',
    audience: 'box',
    message: `The box could not be started: ${lastLine(log) || 'its runtime said nothing'}.`,
    remedy: 'See the whole with GLOVEBOX_DEBUG=1, and ask: glovebox doctor',
    details: { log },
  })
}

/** The last line of a runtime's log that says something; runc's are key=value pairs with the words in msg="…". */
function lastLine(log: string): string {
  const line = log.split('\n').findLast((one) => one.trim() !== '') ?? ''
  return (/msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line).trim().replace(/\.$/, '')
}

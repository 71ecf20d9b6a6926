import type { Answer } from './session.ts'
import type { Sighting } from './types.ts'

/** The most of a hostile text that goes into a report, in characters. */
const MOST_EVIDENCE = 300

/** One printable line of what a probe said. */
export function inOneLine(text: string): string {
  const line = text
    .trim()
    .replaceAll(/\s*\n\s*/g, ' · ')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is made visible
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return line.length > MOST_EVIDENCE ? `${line.slice(0, MOST_EVIDENCE)}…` : line
}

/** An answer that says nothing about the wall, as it did not come to an end of its own. */
export function failureOf(answer: Answer): Sighting | undefined {
  if (answer.end === 'lost') return failed('the sandbox ended while it was tried')
  if (answer.end === 'timeout') return failed('it took too long and was killed')
  if (answer.end === 125) return failed('the probe program could not start it')
  if (answer.end === 2) return failed('the probe program does not know it')
  if (answer.end >= 128 && answer.end !== 159) return failed(`it ended by signal ${answer.end - 128}`)
  return undefined
}

export const failed = (evidence: string): Sighting => ({ reached: false, evidence, failed: true })

/** The probe brought the nonce back. Otherwise its own words say why not; SIGSYS (159) is a filter's refusal. */
export function byNonce(answer: Answer, nonce: string, what: string): Sighting {
  if (answer.text.includes(nonce))
    return { reached: true, evidence: `${what}: the nonce ${nonce.slice(0, 8)}… came out` }
  return failureOf(answer) ?? refused(answer)
}

/** The same where what comes out may be other people's: of that only the nonce is told. */
export function byNonceAlone(answer: Answer, nonce: string, what: string): Sighting {
  const sighting = byNonce(answer, nonce, what)
  if (sighting.reached || sighting.failed || answer.end === 159) return sighting
  const refusals = answer.text.split('\n').filter((line) => /^errno \d+ [\w ]+$/.test(line))
  const words =
    refusals.length > 0 ? [...new Set(refusals)].join(' · ') : 'the nonce is not among what came out'
  return { reached: false, evidence: words }
}

/** A witness outside has seen it, or not. */
export function byWitness(seen: boolean, answer: Answer, what: string): Sighting {
  if (seen) return { reached: true, evidence: what }
  return failureOf(answer) ?? refused(answer)
}

function refused(answer: Answer): Sighting {
  const words =
    answer.end === 159 ? 'ended by a filter of system calls (SIGSYS)' : inOneLine(onceEach(answer.text))
  return { reached: false, evidence: words === '' ? 'nothing came out' : words }
}

/** Each line once: whoever tried ten ways and was refused at each need not read it ten times. */
function onceEach(text: string): string {
  return [...new Set(text.split('\n'))].join('\n')
}

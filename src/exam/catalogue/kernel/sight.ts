import type { Answer } from '../../session.ts'
import { failed, failureOf, inOneLine } from '../../sightings.ts'
import type { Sighting } from '../../types.ts'
import type { Look, Marked } from './look.ts'

/** Says what of the object is seen on the host, or undefined. */
export type Witness = (marked: readonly Marked[]) => string | undefined

/**
 * The rule of the host-object oracle. Pure.
 *
 * The inside gives its process a fresh name and a descriptor of a known number (the mark), and only then makes the object. What
 * the host sees decides:
 *
 * 1. The object at a marked process: reached.
 * 2. Marked processes, and the mark's descriptor at each of them, but no object: not reached. The process runs on the host's
 *    kernel, everything that it holds is seen, and the object is not among it.
 * 3. A marked process whose descriptors may not be read (another user id, a program that gained rights): blind.
 * 4. No marked process, although the inside took the name, and the host sees every process there is – it looks from the first
 *    pid namespace, and /proc hides nobody: not reached. The process is none of the host's kernel's, so neither is the object:
 *    the sandbox has a kernel of its own (gVisor, User-Mode Linux, a virtual machine), or runs elsewhere.
 * 5. No marked process where some may be hidden (hidepid, an exam that itself runs in a container): blind.
 * 6. The inside took no name (the call was refused, the program did not come so far): it failed. It was not tried.
 *
 * Blind is never held (src/exam/verdict.ts): it is inconclusive, and for a control it is a failure. That the look works at all
 * is shown by the controls of each probe, whose processes are found in the same way.
 */
export function sightOf(look: Look, answer: Answer, witness: Witness): Sighting {
  const { marked, seesAll } = look
  const seen = witness(marked)
  if (seen !== undefined) return { reached: true, evidence: seen }
  const failure = failureOf(answer)
  if (failure !== undefined) return failure
  const said = inOneLine(wordsOf(answer.text))
  if (!answer.text.startsWith('marked\n')) return failed(`it could not mark itself: ${said}`)
  if (marked.some((process) => !process.seen))
    return blind(`its process is on the host, but its descriptors may not be read (${said})`)
  if (marked.length > 0) return { reached: false, evidence: said }
  if (!seesAll) return blind('its process was not found, and /proc does not show every process here')
  return { reached: false, evidence: `not in the host's kernel: no process of the host does this (${said})` }
}

const blind = (evidence: string): Sighting => ({ reached: false, evidence, blind: true })

/** What the inside said, without what only tells the outside how far it is. */
export function wordsOf(text: string): string {
  const lines = text.split('\n').filter((line) => !['', 'marked', 'holding'].includes(line))
  return lines.join('\n') || 'nothing was made'
}

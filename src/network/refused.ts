import { isIP } from 'node:net'
import type { NetworkFacts } from '../host/types.ts'
import { SPECIAL4, SPECIAL6 } from '../policy/special-ranges.ts'

/** All of IPv6 outside of 2000::/3, which the rules refuse without a set. */
const BEYOND6 = ['::/3', '4000::/2', '8000::/1'] as const
const NOBODYS: readonly string[] = [...Object.keys({ ...SPECIAL4, ...SPECIAL6 }), ...BEYOND6]

/** What is refused when a box starts, as native/roam.c reads it: an address or range a line. Pure. */
export function refusedText(facts: NetworkFacts): string {
  return [...NOBODYS, ...facts.hostAddresses, ...facts.lanRanges].map((range) => `${range}\n`).join('')
}

/**
 * Reads what is left of that later: what the supervisor added since, as the machine moved. Pure. A line that it has not written
 * whole yet is none.
 */
export function movedRanges(text: string, facts: NetworkFacts): string[] {
  const before = new Set([...NOBODYS, ...facts.hostAddresses, ...facts.lanRanges])
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
  return lines.filter((line) => isRange(line) && !before.has(line))
}

function isRange(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/')
  const most = { 4: 32, 6: 128 }[isIP(address)] ?? -1
  return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most
}

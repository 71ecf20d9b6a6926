import { type Entry, TYPES } from './dns.ts'
import { EXFILTRATION, LAN_NAME, NODES, onSegment, REBINDING, SITES } from './topology.ts'

const TTL_S = 60
let rebound = 0

/** What all authorities of the lab's internet know; undefined where there is no such name. */
export function zoneAnswers(name: string, type: number): Entry[] | undefined {
  if (name === REBINDING) return rebinding(name, type)
  if (name.endsWith(`.${EXFILTRATION}`)) return addresses(name, SITES.other, TTL_S)
  if (name === LAN_NAME) {
    const [four, , six] = onSegment(NODES.nas.onSegment ?? 0)
    return addresses(name, { four, six }, TTL_S)
  }
  const site = Object.values(SITES).find((each) => each.name === name)
  return site === undefined ? undefined : addresses(name, site, TTL_S)
}

function addresses(name: string, { four, six }: { four: string; six: string }, ttl: number): Entry[] {
  return [
    { name, type: 'A', ttl, data: four },
    { name, type: 'AAAA', ttl, data: six },
  ]
}

/** Each second answer points into the LAN. */
function rebinding(name: string, type: number): Entry[] {
  if (type === TYPES.A) rebound++
  const [four, , six] = onSegment(NODES.nas.onSegment ?? 0)
  return addresses(name, rebound % 2 === 1 ? SITES.other : { four, six }, 0)
}

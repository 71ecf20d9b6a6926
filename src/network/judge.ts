import { LINK } from '../plan/link.ts'
import type { NetworkRates, OpenNetwork } from '../policy/network-types.ts'
import { GLOBAL6 } from '../policy/special-ranges.ts'
import { LAN_CLASS, type RuleClass } from './classes.ts'
import { BACK, chain, type Direction, type Family, OUT, serviceMatches, TCP, UDP } from './nft-text.ts'
import { addressSet } from './resolver.ts'

/**
 * Whether a packet of the box's own flows may pass: the same questions for what it sends and for what comes back, so that a rule that
 * closes something stops a stream that only comes in, too.
 *
 * A flow that was opened by a name is marked with the class of its rule and the generation of the rules. It may go on when the name's
 * address has left the set, as an answer's lifetime bounds new flows only. When a name is taken away the generation changes: then only
 * flows to addresses that a name which is still open has had (`held`) get the new mark.
 */
export interface Judgement {
  readonly policy: OpenNetwork
  readonly opened: readonly RuleClass[]
  readonly denied: readonly RuleClass[]
  readonly generation: number
}

const FAMILIES = [4, 6] as const
/** Bits of a connection's mark that hold its class and 1; the generation is above them. */
const CLASS_BITS = 8

export const openSet = (of: Family, number: number): string => `open${of}_${number}`
export const heldSet = (of: Family, number: number): string => `held${of}_${number}`
export const deniedSet = (of: Family, number: number): string => `denied${of}_${number}`
/** What was answered for names that were denied since. */
export const deniedNames = (of: Family): string => `denied${of}_names`

const markOf = (number: number, generation: number): number => generation * 2 ** CLASS_BITS + number + 1
const ofClass = (number: number): string => `ct mark & ${2 ** CLASS_BITS - 1} == ${number + 1}`

/** The chains `leave` (from the box) and `back` (to it), and those that they go on to. Pure. */
export function judgeChains(judgement: Judgement): string[] {
  const { policy, opened } = judgement
  return [
    ...opened.flatMap((each) => passChain(`pass_${each.number}`, each.bytesPerSecond)),
    ...(hasLanNames(policy) ? passChain(`pass_${LAN_CLASS}`, undefined) : []),
    ...chain('leave', undefined, [
      'ct state invalid drop',
      ...rateRules(policy.rates),
      ...judge(judgement, OUT),
    ]),
    ...chain('back', undefined, judge(judgement, BACK)),
  ]
}

/** The far end of a service of the machine: pasta takes its own address for the machine's loopback (passt(1), --map-host-loopback). */
function hostRules({ host }: OpenNetwork, direction: Direction): string[] {
  return host.flatMap(({ transport, port }) =>
    FAMILIES.map((of) => {
      const to = of === 4 ? LINK.pasta.address4 : LINK.pasta.address6
      const number = transport === 'tcp' ? TCP : UDP
      return `${direction.far(of)} ${to} meta l4proto ${number} th ${direction.port} ${port} accept`
    }),
  )
}

function judge({ policy, opened, denied, generation }: Judgement, direction: Direction): string[] {
  const { far, port, ping, refuse } = direction
  const each = (rule: (of: Family) => string): string[] => FAMILIES.map(rule)
  return [
    ...deniedRules(denied, direction),
    // They are refused below as well; only what opens the LAN stands before that.
    ...(policy.lan === false ? [] : each((of) => `${far(of)} @self${of} ${refuse}`)),
    ...hostRules(policy, direction),
    // Names come from the box's resolver only: plain DNS and DNS over TLS to elsewhere would go round it.
    `meta l4proto { ${TCP}, ${UDP} } th ${port} { 53, 853 } ${refuse}`,
    ...lanRules(policy, generation, direction),
    ...each((of) => `${far(of)} @refused${of} ${refuse}`),
    `${far(6)} != ${GLOBAL6} ${refuse}`,
    ...opened.flatMap((one) => classRules(one, generation, direction)),
    ...(policy.internet
      ? [`meta l4proto { ${TCP}, ${UDP} } accept`, ...ping.map((match) => `${match} accept`)]
      : []),
    refuse,
  ]
}

/** What is denied whole is so for whoever connects to a published port, too. Rules of the chain `forward`. */
export const deniedPeers = (denied: readonly RuleClass[]): string[] => {
  const { gate, outward } = LINK
  const whole = denied.filter(({ services }) => services.length === 0).map(({ number }) => number)
  return FAMILIES.flatMap((of) =>
    [...whole.map((number) => deniedSet(of, number)), deniedNames(of)].flatMap((set) => [
      `iifname "${gate.interface}" oifname "${outward.interface}" ${OUT.far(of)} @${set} goto refuse`,
      `iifname "${outward.interface}" oifname "${gate.interface}" ${BACK.far(of)} @${set} drop`,
    ]),
  )
}

/** What is denied, above everything that opens. */
export function deniedRules(denied: readonly RuleClass[], direction: Direction): string[] {
  const { far, refuse } = direction
  return [
    ...FAMILIES.map((of) => `${far(of)} @${deniedNames(of)} ${refuse}`),
    ...denied.flatMap(({ number, services }) =>
      FAMILIES.map((of) => `${far(of)} @${deniedSet(of, number)}`).flatMap((to) =>
        // Without services all of it is meant, also what no rule could open.
        services.length === 0
          ? [`${to} ${refuse}`]
          : serviceMatches(services, direction).map((match) => `${to} ${match} ${refuse}`),
      ),
    ),
  ]
}

export const hasLanNames = ({ lan }: OpenNetwork): boolean =>
  lan === 'segment' || (lan !== false && lan.some(({ kind }) => kind === 'name'))

function lanRules(policy: OpenNetwork, generation: number, direction: Direction): string[] {
  const { lan } = policy
  if (lan === false) return []
  const { far } = direction
  const matches = serviceMatches([], direction)
  const places = FAMILIES.flatMap((of) => matches.map((match) => `${far(of)} @lan${of} ${match} accept`))
  if (lan === 'segment' || !hasLanNames(policy)) return places
  const named = FAMILIES.flatMap((of) =>
    nameRules(of, { number: LAN_CLASS, services: [] }, generation, direction).map(
      // A name of the LAN opens nothing beyond it.
      (rule) => `${far(of)} @segment${of} ${rule}`,
    ),
  )
  return [...places, ...named]
}

function classRules(one: RuleClass, generation: number, direction: Direction): string[] {
  const { far } = direction
  const verdict = direction === OUT ? `goto pass_${one.number}` : 'accept'
  const matches = serviceMatches(one.services, direction)
  const open =
    one.ranges.length === 0
      ? []
      : FAMILIES.flatMap((of) =>
          matches.map((match) => `${far(of)} @${openSet(of, one.number)} ${match} ${verdict}`),
        )
  const named =
    one.names.length === 0 ? [] : FAMILIES.flatMap((of) => nameRules(of, one, generation, direction))
  return [...open, ...named]
}

/** Of flows to addresses that a name was answered with, and of those that such an answer has opened. */
function nameRules(
  of: Family,
  { number, services }: Pick<RuleClass, 'number' | 'services'>,
  generation: number,
  direction: Direction,
): string[] {
  const mark = markOf(number, generation)
  const far = direction.far(of)
  const set = `ct mark set ${mark}`
  return serviceMatches(services, direction).flatMap((match) =>
    direction === OUT
      ? [
          `${far} @${addressSet(of, number)} ${match} ${set} goto pass_${number}`,
          `ct mark ${mark} ${match} goto pass_${number}`,
          `${far} @${heldSet(of, number)} ${ofClass(number)} ${match} ${set} goto pass_${number}`,
        ]
      : [
          `ct mark ${mark} ${match} accept`,
          `${far} @${heldSet(of, number)} ${ofClass(number)} ${match} accept`,
        ],
  )
}

function passChain(name: string, bytesPerSecond: number | undefined): string[] {
  const bound = bytesPerSecond === undefined ? [] : [byteLimit(bytesPerSecond)]
  return chain(name, undefined, [...bound, 'accept'])
}

/** A tenth of a second's worth may come at once, and never less than the largest packet. */
const byteLimit = (bytesPerSecond: number): string =>
  `limit rate over ${bytesPerSecond} bytes/second burst ${Math.max(131_072, Math.ceil(bytesPerSecond / 10))} bytes drop`

export function rateRules({ bytesPerSecond, newFlowsPerSecond }: NetworkRates): string[] {
  return [
    ...(bytesPerSecond === undefined ? [] : [byteLimit(bytesPerSecond)]),
    ...(newFlowsPerSecond === undefined
      ? []
      : [
          `ct state new limit rate over ${newFlowsPerSecond}/second burst ${newFlowsPerSecond} packets goto refuse`,
        ]),
  ]
}

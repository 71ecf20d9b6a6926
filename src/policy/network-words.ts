import type { AskedNetwork } from './network.ts'
import { formatHostService, formatPublication } from './network-ports.ts'
import { formatRule, formatTarget } from './network-rule.ts'
import { FROM_MACHINE, type NetworkRule, type OpenNetwork } from './network-types.ts'
import { formatSize } from './units.ts'

/** What a network opens and leaves closed, a sentence each, for a person. */
export interface NetworkWords {
  readonly reaches: readonly string[]
  readonly closed: readonly string[]
}

/** Of a longer list only its beginning is told. */
const SHOWN = 3
/** Of a longer name or list of ports both ends: whose a name is stands at its end. */
const [SHOWN_HEAD, SHOWN_TAIL] = [8, 24]

const NO_NETWORK = 'any network: not the internet, not your local network, not services of this machine'
const INTERNET = 'the internet: every global address, by names that it asks Glovebox for'
const LAN_CLOSED =
  'your local network and services of this machine: in none of their addresses, nor other private, shared or multicast ones'
const ONLY_LISTED =
  'any other address, of the internet or of your local network, and no other name is asked for'
const MACHINE = 'services of this machine, in none of its addresses'

/** Pure. */
export function networkWords(network: AskedNetwork): NetworkWords {
  if (network === 'none') return { reaches: [], closed: [NO_NETWORK] }
  if (network === 'image')
    return { reaches: [`${INTERNET}, if its image asks for a network; otherwise none`], closed: [LAN_CLOSED] }
  const { internet, lan, allow, host, publish, join, rates } = network
  return {
    reaches: [
      ...(internet ? [INTERNET] : []),
      ...(allow.length > 0 ? [`of the internet only ${listed(allow.map(formatRule))}`] : []),
      ...lanWords(lan),
      ...(host.length > 0
        ? [`as host.glovebox, of this machine, port ${listed(host.map(formatHostService))}`]
        : []),
      ...(join === undefined ? [] : [`the other boxes of the network ${join}`]),
      ...(publish.length > 0 ? [publishWords(publish)] : []),
      ...rateWords(rates),
    ],
    closed: [...denyWords(network.deny), closedWords(network)],
  }
}

function listed(all: readonly string[]): string {
  const more = all.length - SHOWN
  const shown = all.slice(0, SHOWN).map(cut).join('; ')
  return more > 0 ? `${shown}; and ${more} more` : shown
}

const cut = (rule: string): string =>
  rule
    .split(' ')
    .map((word) =>
      word.length <= SHOWN_HEAD + SHOWN_TAIL
        ? word
        : `${word.slice(0, SHOWN_HEAD)}…${word.slice(-SHOWN_TAIL)}`,
    )
    .join(' ')

function lanWords(lan: OpenNetwork['lan']): string[] {
  if (lan === false) return []
  if (lan === 'segment') return ['YOUR LOCAL NETWORK: every address of it but those of this machine']
  return [`of your local network only ${listed(lan.map(formatTarget))}`]
}

function publishWords(publish: OpenNetwork['publish']): string {
  const inside = publish.every(({ from }) => from === FROM_MACHINE)
  const who = inside ? 'programs of this machine' : 'programs of this machine and OF OTHERS'
  return `who connects to it: ${who}, at ${listed(publish.map(formatPublication))}`
}

function rateWords({ bytesPerSecond, newFlowsPerSecond }: OpenNetwork['rates']): string[] {
  return [
    ...(bytesPerSecond === undefined
      ? []
      : [`all of it with ${formatSize(bytesPerSecond)} a second at the most`]),
    ...(newFlowsPerSecond === undefined
      ? []
      : [`all of it with ${newFlowsPerSecond} new connections a second at the most`]),
  ]
}

const denyWords = (deny: readonly NetworkRule[]): string[] =>
  deny.length > 0 ? [`what is denied: ${listed(deny.map(formatRule))}`] : []

function closedWords({ internet, lan, host }: OpenNetwork): string {
  const machine = host.length > 0 ? 'other services of this machine' : MACHINE
  if (lan !== false) return internet ? machine : `${machine}; nor any other address or name`
  if (internet) return host.length > 0 ? `your local network, and ${machine}` : LAN_CLOSED
  return host.length > 0 ? `${ONLY_LISTED}, nor ${machine}` : `${ONLY_LISTED}; ${MACHINE}`
}

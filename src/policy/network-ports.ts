import { formatAddress, parseAddress } from './address.ts'
import { FROM_MACHINE, type HostService, type Publication } from './network-types.ts'
import { quote } from './quote.ts'

/** The port at which a gate takes the box's questions for names: a service of the machine's there would never be asked. */
const NAMES_PORT = 53

type PortTransport = HostService['transport']

/** Behind a port: `/tcp`, `/udp`, or nothing for TCP, as docker-run(1) has it. */
function splitTransport(text: string): readonly [string, PortTransport] | undefined {
  const [, before = '', transport = 'tcp'] = /^(.*?)(?:\/(tcp|udp))?$/.exec(text) ?? []
  return before.includes('/') ? undefined : [before, transport as PortTransport]
}

function readPort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port >= 1 && port <= 65_535 ? port : undefined
}

/**
 * A service of the machine's loopback: `631` or `631/udp`.
 *
 * @throws Error in words that go on from what was read
 */
export function parseHostService(text: string): HostService {
  const [number = '', transport = 'tcp'] = splitTransport(text) ?? []
  const port = readPort(number)
  if (port === undefined)
    throw new Error(`${quote(text)} is no service of this machine: a port, as in 631 or 631/udp`)
  if (port === NAMES_PORT)
    throw new Error("port 53 of this machine is not opened: names come from the box's own resolver")
  return { transport, port }
}

export const formatHostService = ({ transport, port }: HostService): string =>
  transport === 'tcp' ? String(port) : `${port}/${transport}`

/**
 * A port of the box that is reached from outside: `[ADDRESS:]PORT[:BOXPORT][/udp]`, an IPv6 address in brackets. Without an
 * address only this machine's own loopback listens.
 *
 * @throws Error in words that go on from what was read
 */
export function parsePublication(text: string): Publication {
  const [place = '', transport = 'tcp'] = splitTransport(text) ?? []
  const [, bracketed, rest = place] = /^\[([^\]]*)\]:(.*)$/.exec(place) ?? []
  const parts = rest.split(':')
  const written = bracketed ?? (parts[0]?.includes('.') ? parts.shift() : undefined)
  const address = written === undefined ? undefined : parseAddress(written)
  const [port, boxPort] = [readPort(parts[0] ?? ''), readPort(parts[1] ?? parts[0] ?? '')]
  const whole = parts.length <= 2 && (written === undefined || address !== undefined)
  if (!whole || port === undefined || boxPort === undefined)
    throw new Error(
      `${quote(text)} is no port to publish: [ADDRESS:]PORT[:BOXPORT][/udp], as in 8080:80 or 192.168.1.5:8080:80`,
    )
  const from = address === undefined ? FROM_MACHINE : formatAddress(address.family, address.address)
  return { transport, port, boxPort, from }
}

export function formatPublication({ transport, port, boxPort, from }: Publication): string {
  const address = from === FROM_MACHINE ? '' : `${from.includes(':') ? `[${from}]` : from}:`
  return `${address}${port}:${boxPort}${transport === 'tcp' ? '' : `/${transport}`}`
}

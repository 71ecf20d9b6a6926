/**
 * The test LAN: a home with this machine, a printer, a store of files and a victim on one segment, a router with a cloud's metadata
 * address, and behind it an internet. All of it lives in network namespaces, so its global addresses are nobody's.
 */
export type NodeName = 'host' | 'bridged' | 'printer' | 'nas' | 'victim' | 'router' | 'internet' | 'narrow'

export interface Service {
  /** `sink` hashes what it is sent, `source` sends what it is asked for (bulk.ts); the others say their node's name and send back. */
  readonly transport: 'tcp' | 'udp' | 'dns' | 'sink' | 'source'
  readonly port: number
  /** All of the node's addresses, where it is absent. */
  readonly address?: string
  /** Multicast groups that it joins. */
  readonly groups?: readonly string[]
}

export interface LabNode {
  /** What it stands for. */
  readonly what: string
  /** Its last number on the segment; a node without one is elsewhere. */
  readonly onSegment?: number
  /** Addresses that are its own beside that of the segment. */
  readonly own?: readonly string[]
  /** The addresses of its services; absent: every one. */
  readonly served?: readonly string[]
  readonly services: readonly Service[]
}

const SEGMENT = { four: '192.168.7', local: 'fd00:7:', global: '2a00:1450:7:' } as const

/** Of a node on the segment: private IPv4, unique local and global IPv6. */
export const onSegment = (last: number): readonly [string, string, string] => [
  `${SEGMENT.four}.${last}`,
  `${SEGMENT.local}:${last}`,
  `${SEGMENT.global}:${last}`,
]

/** To everybody on the segment, and nobody elsewhere. */
export const BROADCAST = `${SEGMENT.four}.255`

/** The bridge that joins it, in a namespace of its own. */
export const SEGMENT_INTERFACE = 'segment'
export const macOnSegment = (last: number): string => `02:00:00:00:07:${last.toString(16).padStart(2, '0')}`

export const ROUTER_LAST = 1
/** Links from the router outward. The second one carries no more than IPv6 asks for (RFC 8200, 5), as a tunnel may. */
const UPLINKS = {
  internet: {
    ...{ interface: 'wan0', mtu: 1500 },
    four: { router: '5.5.5.1', there: '5.5.5.2', bits: 30 },
    six: { router: '2a01:5::1', there: '2a01:5::2', bits: 64 },
  },
  narrow: {
    ...{ interface: 'wan1', mtu: 1280 },
    four: { router: '5.5.6.1', there: '5.5.6.2', bits: 30 },
    six: { router: '2a01:6::1', there: '2a01:6::2', bits: 64 },
  },
} as const
type Beyond = keyof typeof UPLINKS
const isBeyond = (name: NodeName): name is Beyond => name in UPLINKS

/** Where a cloud hands out what its machines are and may (RFC 3927; EC2 and others). */
export const METADATA = '169.254.169.254'

/** Places of the internet. */
export const SITES = {
  allowed: {
    name: 'site.example.org',
    four: '93.184.215.14',
    six: '2606:2800:21f::14',
    what: 'a site that an allowlist may name',
  },
  other: {
    name: 'other.example.net',
    four: '45.33.32.156',
    six: '2600:3c01::156',
    what: 'a site that it does not',
  },
  narrow: {
    ...{ name: 'narrow.example.org', four: '93.184.215.40', six: '2606:2800:21e::40' },
    what: 'a site behind a link of 1280 bytes',
  },
  /** The servers of the image `lab`, where they are started (servers.ts). */
  web: {
    ...{ name: 'web.example.org', four: '93.184.215.20', six: '2606:2800:21f::20' },
    what: 'a site of HTTP/2 and HTTP/3',
  },
  voice: {
    ...{ name: 'voice.example.org', four: '93.184.215.30', six: '2606:2800:21f::30' },
    what: 'a telephone that answers',
  },
  resolver: {
    name: 'dns.example.net',
    four: '9.9.9.9',
    six: '2620:fe::9',
    what: 'a resolver that is open to all',
  },
} as const

/** Answers with TTL 0: first an address of the internet, then one of the LAN. */
export const REBINDING = 'rebind.example.net'
/** The store of files, as the router knows it. */
export const LAN_NAME = 'nas.lan'
/** Every name below it has an answer, and somebody reads the questions. */
export const EXFILTRATION = 'exfil.example.net'

const tcp = (...ports: number[]): Service[] => ports.map((port) => ({ transport: 'tcp', port }))
const udp = (...ports: number[]): Service[] => ports.map((port) => ({ transport: 'udp', port }))
const MDNS: Service = { transport: 'udp', port: 5353, groups: ['224.0.0.251'] }
const SSDP: Service = { transport: 'udp', port: 1900, groups: ['239.255.255.250'] }
/** Servers of DHCP and DHCPv6 hear what is broadcast. */
const DHCP = udp(67, 547)

const BULK: readonly Service[] = [
  { transport: 'sink', port: 5001 },
  { transport: 'source', port: 5002 },
]

function sites(fits: (one: { readonly site: string }) => boolean): string[] {
  return Object.entries(SITES).flatMap(([site, { four, six }]) => (fits({ site }) ? [four, six] : []))
}

export const NODES: Readonly<Record<NodeName, LabNode>> = {
  host: {
    what: 'this machine',
    onSegment: 2,
    services: [
      ...tcp(80, 22),
      ...udp(7),
      MDNS,
      { transport: 'tcp', port: 631, address: '127.0.0.1' },
      { transport: 'tcp', port: 631, address: '::1' },
      { transport: 'udp', port: 632, address: '127.0.0.1' },
      { transport: 'udp', port: 632, address: '::1' },
    ],
  },
  /** Where an application stands that was given a bridge: the control of each refusal. */
  bridged: { what: 'an application that was given a bridge', onSegment: 99, services: [] },
  printer: { what: 'a printer', onSegment: 10, services: [...tcp(9100, 631), ...udp(161), MDNS] },
  nas: { what: 'a store of files', onSegment: 20, services: [...tcp(445, 2049, 80), ...udp(137)] },
  victim: {
    what: 'another computer of this home',
    onSegment: 30,
    services: [...tcp(22), ...udp(7), MDNS, SSDP, ...DHCP],
  },
  router: {
    what: "the home's router, with a cloud's metadata address",
    onSegment: ROUTER_LAST,
    own: [METADATA],
    services: [...tcp(80), { transport: 'dns', port: 53 }, SSDP, ...DHCP],
  },
  internet: {
    what: 'everything beyond the router',
    own: sites(({ site }) => site !== 'narrow'),
    served: sites(({ site }) => site !== 'narrow' && site !== 'web'),
    services: [
      ...[...tcp(80, 443, 853, 25), ...udp(7, 443, 123)],
      ...[{ transport: 'dns', port: 53 } as const, ...BULK],
    ],
  },
  narrow: {
    what: 'a site behind a narrow link',
    own: sites(({ site }) => site === 'narrow'),
    services: [...tcp(80), ...udp(7), ...BULK],
  },
}

/** All addresses of a node. */
export function addressesOf(name: NodeName): readonly string[] {
  const { onSegment: last, own = [] } = NODES[name]
  return [...(last === undefined ? [] : onSegment(last)), ...own]
}

export const MAC_OF_NODE: ReadonlyMap<string, NodeName> = new Map(
  (Object.entries(NODES) as [NodeName, LabNode][]).flatMap(([name, { onSegment: last }]) =>
    last === undefined ? [] : [[macOnSegment(last), name] as const],
  ),
)

/** For ip(8), -batch, in the node's own namespace. */
export function nodeBatch(name: NodeName): string {
  const { onSegment: last, own = [] } = NODES[name]
  const lines = ['link set lo up']
  for (const address of own)
    lines.push(`addr add ${address}/${address.includes(':') ? '128 dev lo nodad' : '32 dev lo'}`)
  if (last !== undefined) {
    const [four, ...six] = onSegment(last)
    lines.push('link set eth0 up', `addr add ${four}/24 broadcast + dev eth0`)
    lines.push(...six.map((address) => `addr add ${address}/64 dev eth0 nodad`))
  }
  return `${[...lines, ...routeLines(name)].join('\n')}\n`
}

function routeLines(name: NodeName): string[] {
  const [router4, , router6] = onSegment(ROUTER_LAST)
  if (name === 'router') return routerLines()
  if (!isBeyond(name)) return defaults(router4, router6)
  const { four, six } = UPLINKS[name]
  return [...uplink(name, 'there'), ...defaults(four.router, six.router)]
}

function routerLines(): string[] {
  const { internet, narrow } = UPLINKS
  return [
    ...[...uplink('internet', 'router'), ...uplink('narrow', 'router')],
    ...defaults(internet.four.there, internet.six.there),
    `route add ${SITES.narrow.four}/32 via ${narrow.four.there}`,
    `route add ${SITES.narrow.six}/128 via ${narrow.six.there}`,
  ]
}

function uplink(name: Beyond, end: 'router' | 'there'): string[] {
  const { interface: link, mtu, four, six } = UPLINKS[name]
  return [
    `link set ${link} mtu ${mtu} up`,
    `addr add ${four[end]}/${four.bits} dev ${link}`,
    `addr add ${six[end]}/${six.bits} dev ${link} nodad`,
  ]
}

const defaults = (four: string, six: string): string[] => [
  `route add default via ${four}`,
  `route add ::/0 via ${six}`,
]

/** For the namespace of the switch: `pids` says whose namespace each node is. */
export function switchBatch(pids: Readonly<Record<NodeName, number>>): string {
  const bridge = SEGMENT_INTERFACE
  const lines = [
    'link set lo up',
    // All that is on the segment reaches all of it, and whoever listens at the bridge itself.
    `link add ${bridge} type bridge mcast_snooping 0`,
    `link set ${bridge} promisc on up`,
  ]
  for (const [name, { onSegment: last }] of Object.entries(NODES) as [NodeName, LabNode][]) {
    if (last === undefined) continue
    lines.push(
      `link add to-${name} type veth peer name eth0 address ${macOnSegment(last)} netns ${pids[name]}`,
    )
    lines.push(`link set to-${name} master ${bridge} up`)
  }
  for (const [name, { interface: wan }] of Object.entries(UPLINKS) as [Beyond, { interface: string }][])
    lines.push(`link add ${wan} netns ${pids.router} type veth peer name ${wan} netns ${pids[name]}`)
  return `${lines.join('\n')}\n`
}

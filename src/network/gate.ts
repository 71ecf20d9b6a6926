import type { IdMaps, NetworkFacts } from '../host/types.ts'
import { LINK, LINK_MTU, REFUSED_GROUP } from '../plan/link.ts'
import { FROM_MACHINE, type OpenNetwork, type Publication } from '../policy/network-types.ts'
import { counted, logFiles } from './gate-words.ts'
import { type JoinedPlace, joinedProgram, joinWords, memberWords } from './joined.ts'
import { publishSettings } from './publish.ts'
import { RESOLVER_MARK, resolverWords } from './resolver.ts'

/** Files of a box's network, which its launch reads and writes. */
export const networkFiles = (stateDir: string) =>
  ({
    rules: `${stateDir}/network/rules`,
    /** What the sets of refused ranges hold, a line each; the supervisor adds to it as the machine moves (native/roam.c). */
    refused: `${stateDir}/network/refused`,
    /** The resolver's policy. */
    names: `${stateDir}/network/names.policy`,
    /** What the box asked for, a line each (docs/decisions/016-resolver.md), in two halves. */
    namesLog: [`${stateDir}/network/names`, `${stateDir}/network/names.1`],
    /** Whom it talked to (docs/decisions/020-flow-log.md), in two halves. */
    flowsLog: [`${stateDir}/network/flows`, `${stateDir}/network/flows.1`],
    /** What the program of a network of boxes has dropped, a line each, in two halves. */
    joinedLog: [`${stateDir}/network/joined`, `${stateDir}/network/joined.1`],
    /** The policy in force, and what is known of this machine. */
    policy: `${stateDir}/network/policy.json`,
    facts: `${stateDir}/network/facts.json`,
    /** What rules that replace those in force go on from (ruleset.ts); absent as long as nobody has changed them. */
    state: `${stateDir}/network/state.json`,
    lock: `${stateDir}/network/lock`,
  }) as const

export interface GateStart {
  readonly policy: OpenNetwork
  readonly facts: NetworkFacts
  readonly stateDir: string
  /** The compiled resolver, which tells the flows as well. */
  readonly resolver: string
  /** Programs of the host, by their paths. */
  readonly tools: { readonly pasta: string; readonly nft: string; readonly ip: string }
  readonly ids: IdMaps
  /** How the box is connected: an interface of its own kernel, or a tap of a virtual machine's. */
  readonly link: 'veth' | 'tap'
  /** Where it meets the boxes that it has joined; absent where it joins none. */
  readonly joined?: JoinedPlace
  /** Files of the user's: the flows once more, and every frame of the box's link. */
  readonly flows?: string
  readonly capture?: string
}

/** Ids in the gate's user namespace that nothing else of it has. */
const RESOLVER_ID = 65_533
const FLOWS_ID = 65_532
const CAPTURE_ID = 65_531

/** Kernel settings of the gate's namespace (Documentation/networking/ip-sysctl.rst). */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['net/ipv4/ip_forward', '1'],
  ['net/ipv6/conf/all/forwarding', '1'],
  // An address is there at once: nobody else is on these links.
  ['net/ipv6/conf/default/accept_dad', '0'],
  ['net/ipv6/conf/all/accept_ra', '0'],
  ['net/ipv6/conf/default/accept_ra', '0'],
  ['net/ipv4/conf/all/accept_redirects', '0'],
  ['net/ipv6/conf/all/accept_redirects', '0'],
  ['net/ipv4/conf/all/send_redirects', '0'],
  ['net/ipv4/conf/all/rp_filter', '1'],
  // A namespace begins with the machine's own settings of IPv4 (net.core.devconf_inherit_init_net), of which many a distribution's is
  // looser, and the looser one counts. A tap is there already.
  ['net/ipv4/conf/default/rp_filter', '1'],
  [`net/ipv4/conf/${LINK.gate.interface}/rp_filter`, '1'],
  ['net/ipv4/conf/all/accept_source_route', '0'],
  ['net/ipv4/conf/all/arp_accept', '0'],
  ['net/ipv4/conf/default/arp_accept', '0'],
  ['net/netfilter/nf_conntrack_tcp_be_liberal', '1'],
  // Both ends verify checksums; here each byte would be read once more, 64 KiB a packet (docs/performance.md).
  ['net/netfilter/nf_conntrack_checksum', '0'],
  // As long as pasta keeps a mapping; the kernel's 30 s are less than the two minutes that programs may count on (RFC 4787, REQ-5).
  ['net/netfilter/nf_conntrack_udp_timeout', '180'],
  ['net/netfilter/nf_conntrack_udp_timeout_stream', '180'],
]

/**
 * Of the box's namespace. pasta answers without SACK and drops what its own socket has no room for; senders that take that for
 * nothing (BBR) or keep their window (CUBIC) come to a halt, and the network beyond is judged by pasta's socket anyway
 * (measured: docs/performance.md).
 */
const BOX_SETTINGS: readonly (readonly [string, string])[] = [
  ['net/ipv4/tcp_congestion_control', 'reno'],
  // There is a route already, and nobody to ask for one.
  ['net/ipv6/conf/eth0/router_solicitations', '0'],
  // Its ports are its own: a server in it needs no privilege for port 80.
  ['net/ipv4/ip_unprivileged_port_start', '0'],
]

/** The holder's words (native/options.c) for the network of a box. Pure. */
export function gateWords(start: GateStart): string[] {
  const files = networkFiles(start.stateDir)
  const families = start.facts.families.reduce((sum, of) => sum + (of === 4 ? 1 : 2), 0)
  return [
    ...['--gate-rules', files.rules],
    ...['--gate-refused', files.refused],
    ...['--gate-tools', start.tools.nft, start.tools.ip],
    ...['--gate-families', String(families)],
    ...[...SETTINGS, ...publishSettings(start.policy)].flatMap(([name, value]) => [
      '--gate-setting',
      name,
      value,
    ]),
    ...(start.link === 'tap' ? ['--gate-tap', LINK.gate.interface] : boxWords()),
    ...['--gate-links', gateLinks(start.link)],
    ...(start.joined === undefined ? [] : joinWords(start.joined)),
    ...resolverProgram(start),
    ...flowProgram(start),
    ...captureProgram(start),
    ...(start.joined === undefined ? [] : joinedProgram(start.resolver, files.joinedLog)),
    ...counted('--pasta', pastaWords(start)),
  ]
}

/** A virtual machine sets up its own. */
const boxWords = (): string[] => [
  ...BOX_SETTINGS.flatMap(([name, value]) => ['--box-setting', name, value]),
  ...['--box-links', boxLinks()],
]

/** Descriptors are in the order in which their words stand, from 3 on, and the last one is that for `ready`. */
function resolverProgram({ stateDir, resolver, joined }: GateStart): string[] {
  const files = networkFiles(stateDir)
  const words = resolverWords({
    listen: [LINK.gate.address4, LINK.gate.address6],
    upstream: [LINK.pasta.address4],
    mark: RESOLVER_MARK,
    policyFd: 3,
    logFd: 4,
    otherLogFd: 5,
    namesFd: 6,
    uid: RESOLVER_ID,
    gid: RESOLVER_ID,
  })
  return [
    ...['--gate-file', 'read', files.names, ...logFiles(files.namesLog), '--gate-pair'],
    ...(joined === undefined
      ? counted('--gate-program', [resolver, ...words, '--ready-fd', '7'])
      : [
          ...['--gate-joined', 'list'],
          ...counted('--gate-program', [resolver, ...words, ...memberWords(7), '--ready-fd', '8']),
        ]),
  ]
}

function flowProgram({ stateDir, resolver, flows }: GateStart): string[] {
  const { gate, pasta } = LINK
  const resolvers = [gate.address4, gate.address6, pasta.address4, pasta.address6]
  const words = [
    ...['flows', '--log-fd', '3', '--log-other-fd', '4', '--names-fd', '5', '--group', String(REFUSED_GROUP)],
    ...(flows === undefined ? ['--ready-fd', '6'] : ['--copy-fd', '6', '--ready-fd', '7']),
    ...resolvers.flatMap((address) => ['--resolver', address]),
    ...['--uid', String(FLOWS_ID), '--gid', String(FLOWS_ID)],
  ]
  return [
    ...[...logFiles(networkFiles(stateDir).flowsLog), '--gate-pair'],
    ...(flows === undefined ? [] : ['--gate-file', 'append-user', flows]),
    ...counted('--gate-program', [resolver, ...words]),
  ]
}

function captureProgram({ resolver, capture }: GateStart): string[] {
  if (capture === undefined) return []
  const words = [
    ...['capture', '--fd', '3', '--ready-fd', '4', '--interface', LINK.gate.interface],
    ...['--uid', String(CAPTURE_ID), '--gid', String(CAPTURE_ID)],
  ]
  return ['--gate-file', 'fresh-user', capture, ...counted('--gate-program', [resolver, ...words])]
}

/** For ip(8), -batch; the box's namespace is that of process 1 there. */
function gateLinks(link: GateStart['link']): string {
  const { box, gate } = LINK
  return `${[
    link === 'tap'
      ? `link set ${gate.interface} address ${gate.mac} mtu ${LINK_MTU} up`
      : `link add ${gate.interface} mtu ${LINK_MTU} address ${gate.mac} type veth peer name ${box.interface} mtu ${LINK_MTU} address ${box.mac} netns 1`,
    `addr add ${gate.address4}/${box.bits4} dev ${gate.interface}`,
    `addr add ${gate.address6}/${box.bits6} dev ${gate.interface} nodad`,
    `link set ${gate.interface} up`,
  ].join('\n')}\n`
}

function boxLinks(): string {
  const { box, gate } = LINK
  return `${[
    `addr add ${box.address4}/${box.bits4} dev ${box.interface}`,
    `addr add ${box.address6}/${box.bits6} dev ${box.interface} nodad`,
    `link set ${box.interface} up`,
    `route add default via ${gate.address4}`,
    `route add ::/0 via ${gate.address6}`,
  ].join('\n')}\n`
}

/**
 * pasta(1), without its last words, which name the namespace. Its defaults leave the loopback of the machine open: each of
 * them is shut by name. Where the policy opens a service of the machine, pasta's own address stands for that loopback, and the
 * firewall lets the box reach that one port there.
 */
export function pastaWords({
  tools,
  facts,
  policy,
}: Pick<GateStart, 'tools' | 'facts' | 'policy'>): string[] {
  const { outward, pasta } = LINK
  const four = facts.families.includes(4)
  const six = facts.families.includes(6)
  return [
    tools.pasta,
    ...['--foreground', '--quiet', '--config-net', '--netns-only', '--ns-ifname', outward.interface],
    ...(policy.host.length > 0 ? [] : ['--no-map-gw']),
    ...['-T', 'none', '-U', 'none'],
    ...publishWords(
      '-t',
      policy.publish.filter(({ transport }) => transport === 'tcp'),
    ),
    ...publishWords(
      '-u',
      policy.publish.filter(({ transport }) => transport === 'udp'),
    ),
    ...['--no-dhcp', '--no-dhcpv6', '--no-ra', '--mac-addr', pasta.mac, '--mtu', String(LINK_MTU)],
    // Without it pasta sends to no address until the gate has spoken first, so what is published would not be reached.
    ...['--ns-mac-addr', outward.mac],
    ...(four ? ['--address', outward.address4, '--netmask', String(outward.bits4)] : ['--ipv6-only']),
    ...(four ? ['--gateway', pasta.address4, '--dns-forward', pasta.address4] : []),
    ...(six ? ['--address', outward.address6, '--gateway', pasta.address6] : ['--ipv4-only']),
    ...(six ? ['--dns-forward', pasta.address6] : []),
  ]
}

/** Only the machine's own loopback listens, unless an address of it is named. pasta listens at a port only once: at one address. */
function publishWords(flag: '-t' | '-u', publish: readonly Publication[]): string[] {
  if (publish.length === 0) return [flag, 'none']
  return publish.flatMap(({ port, boxPort, from }) => [
    flag,
    `${from === FROM_MACHINE ? '127.0.0.1' : from}/${port}:${boxPort}`,
  ])
}

import type { IdMaps, NetworkFacts } from '../host/types.ts'
import { LINK, LINK_MTU, REFUSED_GROUP } from '../plan/link.ts'
import { RESOLVER_MARK, resolverWords } from './resolver.ts'

/** Files of a box's network, which its launch reads and writes. */
export const networkFiles = (stateDir: string) =>
  ({
    rules: `${stateDir}/network/rules`,
    /** The resolver's policy. */
    names: `${stateDir}/network/names.policy`,
    /** What the box asked for, a line each (docs/decisions/016-resolver.md). */
    namesLog: `${stateDir}/network/names`,
    /** Whom it talked to (docs/decisions/020-flow-log.md). */
    flowsLog: `${stateDir}/network/flows`,
    /** The policy in force, and what is known of this machine. */
    policy: `${stateDir}/network/policy.json`,
    facts: `${stateDir}/network/facts.json`,
  }) as const

export interface GateStart {
  readonly facts: NetworkFacts
  readonly stateDir: string
  /** The compiled resolver, which tells the flows as well. */
  readonly resolver: string
  /** Programs of the host, by their paths. */
  readonly tools: { readonly pasta: string; readonly nft: string; readonly ip: string }
  readonly ids: IdMaps
  /** How the box is connected: an interface of its own kernel, or a tap of a virtual machine's. */
  readonly link: 'veth' | 'tap'
}

/** Ids in the gate's user namespace that nothing else of it has. */
const RESOLVER_ID = 65_533
const FLOWS_ID = 65_532

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
  ['net/netfilter/nf_conntrack_tcp_be_liberal', '1'],
  // As long as pasta keeps a mapping; the kernel's 30 s are less than the two minutes that programs may count on (RFC 4787, REQ-5).
  ['net/netfilter/nf_conntrack_udp_timeout', '180'],
  ['net/netfilter/nf_conntrack_udp_timeout_stream', '180'],
]

/**
 * Of the box's namespace. pasta answers without SACK and drops what its own socket has no room for; senders that take that for
 * nothing (BBR) or keep their window (CUBIC) come to a halt, and the network beyond is judged by pasta's socket anyway
 * (measured: docs/performance.md).
 */
const BOX_SETTINGS: readonly (readonly [string, string])[] = [['net/ipv4/tcp_congestion_control', 'reno']]

/** The holder's words (native/options.c) for the network of a box. Pure. */
export function gateWords(start: GateStart): string[] {
  const files = networkFiles(start.stateDir)
  const families = start.facts.families.reduce((sum, of) => sum + (of === 4 ? 1 : 2), 0)
  return [
    ...['--gate-rules', files.rules],
    ...['--gate-tools', start.tools.nft, start.tools.ip],
    ...['--gate-families', String(families)],
    ...SETTINGS.flatMap(([name, value]) => ['--gate-setting', name, value]),
    ...(start.link === 'tap' ? ['--gate-tap', LINK.gate.interface] : boxWords()),
    ...['--gate-links', gateLinks(start.link)],
    ...['--gate-file', 'read', files.names, '--gate-file', 'append', files.namesLog],
    ...counted('--gate-program', [start.resolver, ...resolverStart(), '--ready-fd', '5']),
    ...['--gate-file', 'append', files.flowsLog],
    ...counted('--gate-program', [start.resolver, ...flowWords()]),
    ...counted('--pasta', pastaWords(start)),
  ]
}

/** A virtual machine sets up its own. */
const boxWords = (): string[] => [
  ...BOX_SETTINGS.flatMap(([name, value]) => ['--box-setting', name, value]),
  ...['--box-links', boxLinks()],
]

const counted = (flag: string, words: readonly string[]): string[] => [flag, String(words.length), ...words]

function resolverStart(): string[] {
  return resolverWords({
    listen: [LINK.gate.address4, LINK.gate.address6],
    upstream: [LINK.pasta.address4],
    mark: RESOLVER_MARK,
    policyFd: 3,
    logFd: 4,
    uid: RESOLVER_ID,
    gid: RESOLVER_ID,
  })
}

function flowWords(): string[] {
  return [
    'flows',
    ...['--log-fd', '3', '--ready-fd', '4', '--group', String(REFUSED_GROUP)],
    ...['--uid', String(FLOWS_ID), '--gid', String(FLOWS_ID)],
  ]
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
 * them is shut by name.
 */
export function pastaWords({ tools, facts }: Pick<GateStart, 'tools' | 'facts'>): string[] {
  const { outward, pasta } = LINK
  const four = facts.families.includes(4)
  const six = facts.families.includes(6)
  return [
    tools.pasta,
    ...['--foreground', '--quiet', '--config-net', '--netns-only', '--ns-ifname', outward.interface],
    ...['--no-map-gw', '-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none'],
    ...['--no-dhcp', '--no-dhcpv6', '--no-ra', '--mac-addr', pasta.mac, '--mtu', String(LINK_MTU)],
    ...(four ? ['--address', outward.address4, '--netmask', String(outward.bits4)] : ['--ipv6-only']),
    ...(four ? ['--gateway', pasta.address4, '--dns-forward', pasta.address4] : []),
    ...(six ? ['--address', outward.address6, '--gateway', pasta.address6] : ['--ipv4-only']),
    ...(six ? ['--dns-forward', pasta.address6] : []),
  ]
}

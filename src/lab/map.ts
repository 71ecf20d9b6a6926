import {
  addressesOf,
  EXFILTRATION,
  NODES,
  type NodeName,
  onSegment,
  REBINDING,
  type Service,
  SITES,
} from './topology.ts'

/** A node of the lab, for people. */
export interface MappedNode {
  readonly node: NodeName
  readonly what: string
  readonly addresses: readonly string[]
  /** `tcp 80`, `udp 5353` */
  readonly services: readonly string[]
}

export interface MappedName {
  readonly name: string
  readonly addresses: readonly string[]
  readonly what: string
}

/** Nodes and names of the lab, from inside the home outward. */
export function labMap(): { readonly nodes: readonly MappedNode[]; readonly names: readonly MappedName[] } {
  const nodes = (Object.keys(NODES) as NodeName[]).map((node) => ({
    ...{ node, what: NODES[node].what, addresses: addressesOf(node) },
    services: NODES[node].services.map(inWords),
  }))
  const sites = Object.values(SITES).map(({ name, four, six, what }) => ({
    name,
    addresses: [four, six],
    what,
  }))
  return { nodes, names: [...sites, ...strangeNames()] }
}

const inWords = ({ transport, port, address }: Service): string =>
  `${transport} ${port}${address === undefined ? '' : ` (${address} only)`}`

function strangeNames(): MappedName[] {
  const [four, , six] = onSegment(NODES.nas.onSegment ?? 0)
  return [
    {
      name: REBINDING,
      addresses: [SITES.other.four, four, six],
      what: 'points into the LAN each second time',
    },
    {
      name: `*.${EXFILTRATION}`,
      addresses: [SITES.other.four, SITES.other.six],
      what: 'whose owner reads the questions',
    },
  ]
}

import { closeSync, openSync, writeSync } from 'node:fs'
import { userInfo } from 'node:os'
import { chooseIds, readIdSource } from '../../host/ids.ts'
import { currentPaths } from '../../host/paths.ts'
import { resolverPath } from '../../host/view.ts'
import type { Frame } from '../../lab/frames.ts'
import { labMap } from '../../lab/map.ts'
import { labProgram } from '../../lab/program.ts'
import { startLab } from '../../lab/start.ts'
import { NODES, type NodeName } from '../../lab/topology.ts'
import type { Arrival } from '../../lab/types.ts'
import { printable, quote } from '../../policy/quote.ts'
import { defineCommand } from '../command.ts'
import { readyServers, startServers } from '../lab-servers.ts'
import { printJson, printLine, printTable } from '../print.ts'
import { usageError } from '../usage-error.ts'

const NODE_NAMES = Object.keys(NODES) as NodeName[]

export const command = defineCommand({
  name: 'lab',
  summary: 'Try in a small world of its own what a box reaches',
  usage:
    '[--node NODE] [--arrivals FILE] [--show-arrivals] [--frames] [--servers] [--] [COMMAND [ARGUMENT…]]',
  about: `Makes the test LAN: a machine, its printer, its store of files and another computer on one segment, a router, and an \
internet behind it, all of it in network namespaces, without root and without a packet that leaves this machine. Runs the \
command in it (or your shell), as the machine of that home: its boxes have its network.

What reaches a node of the lab is told: that is how to see what a box reaches, and what it does not. The lab and all that runs \
in it end with the command, whose exit code is passed on.`,
  options: {
    node: {
      value: 'NODE',
      help: 'Where the command runs: host (the default), or another node of the map',
      choices: NODE_NAMES,
    },
    arrivals: { value: 'FILE', help: 'Append what reaches the nodes to this file, as lines of JSON' },
    'show-arrivals': { help: 'Print what reaches the nodes, to standard error' },
    frames: {
      help: 'Tell of frames on the segment as well: ARP, DHCP, IPv6 neighbours, mDNS, and those of strangers',
    },
    servers: {
      help: 'Start servers of HTTP/2, HTTP/3 and SIP in its internet; builds their image, lab, where it is missing',
    },
    map: { help: 'Print who is there, and at which addresses; makes nothing' },
    json: { help: 'Print the map as JSON' },
  },
  positionals: { least: 0, most: 0, names: [], command: { leading: 0 } },
  examples: [
    { command: 'glovebox lab --map', does: 'See who is there' },
    {
      command: 'glovebox lab --show-arrivals -- glovebox run --network internet -- bash',
      does: 'Look around from a box, and see what reaches whom',
    },
    {
      command: 'glovebox lab --node bridged -- bash',
      does: 'The same place for an application that was given a bridge',
    },
  ],
  run: async ({ options, command: argv }) => {
    if (options.map) return options.json ? printJson(labMap()) : printMap()
    if (options.json)
      throw usageError(
        'BAD_OPTION',
        'Cannot print JSON: --json is for the map.',
        'Add --map, or leave it away.',
      )
    const node = nodeNamed(options.node ?? 'host')
    const file = options.arrivals === undefined ? undefined : openSync(options.arrivals, 'a', 0o600)
    const tell = (what: Arrival | Frame, words: string): void => {
      if (file !== undefined) writeSync(file, `${JSON.stringify({ at: Date.now() / 1000, ...what })}\n`)
      if (options['show-arrivals']) process.stderr.write(`lab: ${words}\n`)
    }
    try {
      return await runInLab(node, argv.length > 0 ? argv : [userShell()], options, tell)
    } finally {
      if (file !== undefined) closeSync(file)
    }
  },
})

function nodeNamed(name: string): NodeName {
  const node = NODE_NAMES.find((one) => one === name)
  if (node !== undefined) return node
  throw usageError(
    'BAD_NODE',
    `Cannot run in ${quote(name)}: no node is called so.`,
    `Choose from: ${NODE_NAMES.join(', ')}`,
  )
}

const userShell = (): string => process.env['SHELL'] ?? userInfo().shell ?? '/bin/sh'

async function runInLab(
  node: NodeName,
  argv: readonly string[],
  { frames, servers }: { readonly frames: boolean; readonly servers: boolean },
  tell: (what: Arrival | Frame, words: string) => void,
): Promise<number> {
  const ids = process.getuid?.() === 0 ? {} : { ids: chooseIds(readIdSource()) }
  const witness = frames ? { witness: resolverPath(currentPaths()) } : {}
  const parts = servers ? await readyServers() : undefined
  await using lab = await startLab({ self: labProgram(), terminal: true, ...ids, ...witness })
  lab.arrivals.tell((arrival) => tell(arrival, arrivalInWords(arrival)))
  lab.frames.tell((frame) => tell(frame, frameInWords(frame)))
  if (parts !== undefined) await startServers(lab, parts)
  // The terminal sends these to the command as well, which does with them what it likes.
  for (const name of ['SIGINT', 'SIGQUIT'] as const) process.on(name, () => undefined)
  return (await lab.run(node, argv, { input: { terminal: true } }).result).code
}

const frameInWords = ({ from, to, node, kind }: Frame): string =>
  `a frame of ${node ?? 'a stranger'} (${from}) to ${to}: ${kind}`

function arrivalInWords({ node, protocol, address, port, peer, text }: Arrival): string {
  const said = text === '' ? '' : `: ${printable(text)}`
  return `${node} was reached by ${peer} at ${address}, ${protocol} ${port}${said}`
}

function printMap(): undefined {
  const { nodes, names } = labMap()
  const rows = nodes.flatMap(({ node, what, addresses, services }) =>
    Array.from({ length: Math.max(addresses.length, services.length, 1) }, (_, at) => [
      ...(at === 0 ? [node, what] : ['', '']),
      ...[addresses[at] ?? '', services[at] ?? ''],
    ]),
  )
  printTable(['NODE', 'STANDS FOR', 'ADDRESSES', 'SERVICES'], rows)
  printLine('')
  printTable(
    ['NAME', 'IS', 'ADDRESSES'],
    names.map(({ name, what, addresses }) => [name, what, addresses.join(' ')]),
  )
}

import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { askForAddress } from './dhcp.ts'
import { startServices } from './services.ts'
import { keepThroughSignals } from './signals.ts'
import { addressesOf, macOnSegment, NODES } from './topology.ts'
import type { LabMessage, NodeSetup } from './types.ts'

/** The lab's heavier servers are root of other user namespaces, and so nobody here. */
const ALL_PORTS = '/proc/sys/net/ipv4/ip_unprivileged_port_start'
/** As Linux has it: what is examined as a machine has no ports for everybody, either (ip-sysctl.rst). */
const USUAL_PORTS = '1024'
const FORWARDING = ['/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding']

/** One node of the lab, in its network namespace: reads its setup from standard input, and tells on standard output what reaches it. */
export async function runNode(): Promise<void> {
  // Interfaces that come take this over: an address is there at once, and not after a second in which it is tried.
  writeFileSync('/proc/sys/net/ipv6/conf/default/accept_dad', '0')
  writeFileSync(ALL_PORTS, '0')
  keepThroughSignals()
  process.stdout.write('born\n')
  const lines = createInterface({ input: process.stdin })
  const [line] = (await once(lines, 'line')) as [string]
  const { node, batch } = JSON.parse(line) as NodeSetup
  if (node === 'router') for (const path of FORWARDING) writeFileSync(path, '1')
  const { status, stderr } = spawnSync('ip', ['-batch', '-'], { input: batch, encoding: 'utf8' })
  if (status !== 0) throw new Error(`Cannot set up the node ${node}: ip said: ${stderr}`)
  const tell = (message: LabMessage): void => void process.stdout.write(`${JSON.stringify(message)}\n`)
  await startServices(node, NODES[node].services, NODES[node].served ?? addressesOf(node), (arrival) =>
    tell({ arrival }),
  )
  if (node === 'host') writeFileSync(ALL_PORTS, USUAL_PORTS)
  const { onSegment: last } = NODES[node]
  if (node === 'victim' && last !== undefined)
    await askForAddress(Buffer.from(macOnSegment(last).replaceAll(':', ''), 'hex'), (peer, peerPort, text) =>
      tell({
        arrival: { node, protocol: 'udp', address: '255.255.255.255', port: 68, peer, peerPort, text },
      }),
    )
  tell({ ready: true })
  lines.on('line', (number) => settle(() => tell({ settled: Number(number) })))
}

/** Calls back when everything is read that lay in a socket by now: libuv reads all that are ready in one round. */
function settle(done: () => void): void {
  setImmediate(() => setImmediate(() => setImmediate(done)))
}

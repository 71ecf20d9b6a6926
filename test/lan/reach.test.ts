import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Lab } from '../../src/lab/start.ts'
import { addressesOf, METADATA, type NodeName, onSegment, SITES } from '../../src/lab/topology.ts'
import type { Arrival } from '../../src/lab/types.ts'
import type { EngineName } from '../../src/sdk.ts'
import { LAUNCHER, readyGlovebox } from '../support/base-box.ts'
import { openLab } from './lab.ts'

/* What a box with the network `internet` reaches, in each engine, beside the same tries of an application on a bridge. */

const ENGINES: readonly EngineName[] = ['container', 'gvisor', 'uml', 'microvm', 'vm']
const PROGRAM = readFileSync(join(import.meta.dirname, 'reach.pl'), 'utf8')

interface Try {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
}
const tries = (protocol: 'tcp' | 'udp', port: number, addresses: readonly string[]): Try[] =>
  addresses.map((address) => ({ protocol, address, port }))
const both = ({ four, six }: { four: string; six: string }): string[] => [four, six]

const OPEN: readonly Try[] = [
  ...tries('tcp', 80, both(SITES.allowed)),
  ...tries('tcp', 443, both(SITES.other)),
  ...tries('udp', 443, both(SITES.other)),
  ...tries('udp', 7, both(SITES.allowed)),
]
const REFUSED: readonly Try[] = [
  // This machine, by each of its addresses.
  ...tries('tcp', 80, addressesOf('host')),
  ...tries('tcp', 22, addressesOf('host')),
  ...tries('udp', 7, addressesOf('host')),
  // Its LAN, by private, unique local and global addresses.
  ...tries('tcp', 9100, addressesOf('printer')),
  ...tries('tcp', 445, addressesOf('nas')),
  ...tries('udp', 137, addressesOf('nas')),
  ...tries('udp', 7, addressesOf('victim')),
  ...tries('tcp', 80, onSegment(1)),
  // Where a cloud hands out keys.
  ...tries('tcp', 80, [METADATA]),
  // What is sent to all.
  ...tries('udp', 5353, ['224.0.0.251']),
  ...tries('udp', 1900, ['239.255.255.250']),
  ...tries('udp', 7, ['192.168.7.255']),
  ...tries('udp', 67, ['255.255.255.255']),
  // Names from elsewhere, and encrypted ones.
  ...tries('tcp', 53, both(SITES.resolver)),
  ...tries('tcp', 853, both(SITES.resolver)),
]
const isDns = ({ port }: Try): boolean => port === 53

let lab: Lab
before(async () => {
  await readyGlovebox()
  lab = await openLab()
})
after(() => lab?.[Symbol.asyncDispose]())

const words = (all: readonly Try[], nonce: string): string[] =>
  all.flatMap(({ protocol, address, port }, at) => [protocol, address, String(port), `${nonce} ${at} `])

interface Shown {
  readonly output: readonly string[]
  /** What reached anybody of that run, in the order of their tries. */
  readonly arrived: ReadonlySet<number>
}

/** Runs the tries, and then one that arrives: what is not there by then was not let through. */
async function show(node: NodeName, before: readonly string[], all: readonly Try[]): Promise<Shown> {
  const nonce = randomUUID()
  lab.arrivals.take()
  const last = { protocol: 'tcp', address: SITES.allowed.four, port: 80 } as const
  const argv = [...before, 'perl', '-e', PROGRAM, ...words([...all, last], nonce)]
  const { code, stdout, stderr } = await lab.run(node, argv).result
  assert.equal(code, 0, stderr)
  const arrivals = await lab.arrivals.until(({ text }) => text === `${nonce} ${all.length} `)
  return {
    output: stdout.trim().split('\n'),
    arrived: new Set(arrivals.flatMap((one) => numberOf(one, nonce))),
  }
}

const numberOf = ({ text }: Arrival, nonce: string): number[] =>
  text.startsWith(`${nonce} `) ? [Number(text.split(' ')[1])] : []

const said = ({ protocol, address, port }: Try): string => `${protocol} ${address} ${port}`

test('an application on a bridge reaches all of it', async () => {
  const all = [...OPEN, ...REFUSED].filter((one) => !isDns(one))
  const { arrived } = await show('bridged', [], all)
  assert.deepEqual(all.filter((_, at) => !arrived.has(at)).map(said), [])
})

for (const engine of ENGINES)
  describe(engine, () => {
    let shown: Shown
    before(async () => {
      const box = [LAUNCHER, 'run', '--engine', engine, '--network', 'internet', '--']
      shown = await show('host', box, [...OPEN, ...REFUSED])
    })

    test('reaches the internet over IPv4 and IPv6, TCP and UDP', () => {
      assert.deepEqual(OPEN.filter((_, at) => !shown.arrived.has(at)).map(said), [])
    })

    test('reaches neither this machine nor its LAN, no metadata, nobody by multicast or broadcast, no resolver but its own', () => {
      assert.deepEqual(REFUSED.filter((_, at) => shown.arrived.has(OPEN.length + at)).map(said), [])
    })

    test('is told at once that a connection is refused', () => {
      const lines = shown.output.filter((line) => line.startsWith('tcp') && !line.includes('reached'))
      assert.deepEqual(
        lines.filter(
          (line) => !/refused (Connection refused|Network is unreachable|No route to host)/.test(line),
        ),
        [],
      )
    })
  })

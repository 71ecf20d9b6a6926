import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lab } from '../../src/lab/start.ts'
import { type NodeName, SITES } from '../../src/lab/topology.ts'

const PROGRAM = readFileSync(join(import.meta.dirname, 'reach.pl'), 'utf8')

/** To get a text to a place, which is an address or a name. */
export interface Try {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
}

export const tries = (protocol: 'tcp' | 'udp', port: number, addresses: readonly string[]): Try[] =>
  addresses.map((address) => ({ protocol, address, port }))
export const both = ({ four, six }: { four: string; six: string }): string[] => [four, six]
export const said = ({ protocol, address, port }: Try): string => `${protocol} ${address} ${port}`

export interface Shown {
  readonly output: readonly string[]
  /** What reached anybody of that run, in the order of their tries. */
  readonly arrived: ReadonlySet<number>
  /** Names that an authority was asked for meanwhile. */
  readonly asked: readonly string[]
}

/** The site of the internet that stands open in most tests. */
export const SITE: Try = { protocol: 'tcp', address: SITES.allowed.four, port: 80 }

/** Runs the tries behind the words of a launcher, and then `last`, which arrives: what is not there by then was not let through. */
export async function show(
  lab: Lab,
  node: NodeName,
  before: readonly string[],
  all: readonly Try[],
  last: Try = SITE,
): Promise<Shown> {
  const nonce = randomUUID()
  lab.arrivals.take()
  const words = [...all, last].flatMap(({ protocol, address, port }, at) => [
    ...[protocol, address, String(port)],
    `${nonce} ${at} `,
  ])
  const { code, stdout, stderr } = await lab.run(node, [...before, 'perl', '-e', PROGRAM, ...words]).result
  assert.equal(code, 0, stderr)
  assert.match(stdout.trim().split('\n').at(-1) ?? '', /reached/, 'the last try arrives')
  const first = await lab.arrivals.until(({ text }) => text === `${nonce} ${all.length} `)
  // The nodes are processes of their own: what reached another one before may be told after.
  await lab.settle()
  const arrivals = [...first, ...lab.arrivals.take()]
  return {
    output: stdout.trim().split('\n').slice(0, -1),
    arrived: new Set(
      arrivals.flatMap(({ text }) => (text.startsWith(`${nonce} `) ? [Number(text.split(' ')[1])] : [])),
    ),
    asked: arrivals.filter(({ protocol }) => protocol === 'dns').map(({ text }) => text.toLowerCase()),
  }
}

/** Which of the tries arrived, in words. */
export const arrivedOf = (all: readonly Try[], { arrived }: Shown): string[] =>
  all.filter((_, at) => arrived.has(at)).map(said)

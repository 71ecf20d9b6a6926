import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { openContext } from '../../src/box/context.ts'
import { findGate, type Gate, runNft } from '../../src/box/gate.ts'
import type { Lab } from '../../src/lab/start.ts'
import { onSegment, SITES } from '../../src/lab/topology.ts'
import { LINK } from '../../src/plan/link.ts'
import { openLab } from '../lan/lab.ts'
import { Boxes } from '../lan/networked.ts'
import { readyGlovebox } from '../support/base-box.ts'
import {
  addressBytes,
  control,
  datagram,
  type Ends,
  ESP,
  FRAGMENT,
  frame,
  GRE,
  hopByHop,
  ICMP,
  ICMP6,
  IP6IN,
  IPIP,
  OPTIONS,
  packet,
  padded,
  part,
  question,
  ROUTING,
  routed,
  SCTP,
  segment,
  TCP,
  UDP,
} from './network/frames.ts'
import { inject, leaving, neighbours, processIn } from './network/inside.ts'

/*
 * The box's kernel is the attacker's, as a guest's can be, and sends frames as it likes. What counts is what leaves the gate. All goes
 * through one box, with the whole internet and a published port; the control is the same frames through the same gate without its rules.
 */

const [NAS4, , NAS6] = onSegment(20)
const { box: BOX, gate: GATE, outward, pasta } = LINK
const [SITE4, SITE6] = [SITES.allowed.four, SITES.allowed.six]
const four = (to: string, from: string = BOX.address4): Ends => ({ from, to })
const six = (to: string, from: string = BOX.address6): Ends => ({ from, to })
const whole = (ends: Ends, text: string, port = 7): Buffer => packet(ends, UDP, datagram(ends, port, text))
const asking = (ends: Ends, name: string): Buffer =>
  packet(ends, UDP, datagram(ends, 53, question(name, 1).toString('latin1')))
const none = Buffer.alloc(4)

interface Attempt {
  readonly what: string
  readonly frames: (text: string) => readonly Buffer[]
  /** No kernel would send it on, even without rules: there is no control. */
  readonly kernel?: true
}

const one = (what: string, make: (text: string) => Buffer): Attempt => ({
  what,
  frames: (text) => [frame(make(text))],
})
const byKernel = (attempt: Attempt): Attempt => ({ ...attempt, kernel: true })

/** Two parts of one datagram, of which the first has its ports. */
function parts4(ends: Ends, text: string, [end, start]: readonly [number, number]): Buffer[] {
  const data = datagram(ends, 7, text)
  return [
    frame(packet(ends, UDP, data.subarray(0, end), { more: true })),
    frame(packet(ends, UDP, data.subarray(start), { offset: start })),
  ]
}

function parts6(ends: Ends, text: string, [end, start]: readonly [number, number]): Buffer[] {
  const data = datagram(ends, 7, text)
  return [
    frame(packet(ends, FRAGMENT, part(UDP, data, 0, end))),
    frame(packet(ends, FRAGMENT, part(UDP, data, start, data.length))),
  ]
}

/** Loose source routing (RFC 791). */
const looselyBy = (onward: string): Buffer =>
  Buffer.concat([Buffer.from([131, 7, 4]), addressBytes(onward), Buffer.from([0])])

const ATTEMPTS: readonly Attempt[] = [
  one('its LAN', (text) => whole(four(NAS4), text)),
  one('its LAN over IPv6', (text) => whole(six(NAS6), text)),
  byKernel(one("somebody else's address", (text) => whole(four(SITE4, '198.51.100.7'), text))),
  one("somebody else's IPv6 address", (text) => whole(six(SITE6, '2600:3c01::7'), text)),
  byKernel(
    one("the gate's outward address as its own", (text) => whole(four(SITE4, outward.address4), text)),
  ),
  one("the gate's outward IPv6 address as its own", (text) => whole(six(SITE6, outward.address6), text)),
  one('an address of its link that is not its own', (text) => whole(six(SITE6, `${BOX.address6}2`), text)),
  byKernel(one('a source on the loopback', (text) => whole(four(SITE4, '127.0.0.1'), text))),
  byKernel(one('the loopback', (text) => whole(four('127.0.0.1'), text, 80))),
  byKernel(one('the IPv6 loopback', (text) => whole(six('::1'), text, 80))),
  { what: 'a VLAN', frames: (text) => [frame(whole(four(NAS4), text), 0)] },
  byKernel({ what: 'another VLAN', frames: (text) => [frame(whole(four(NAS4), text), 5)] }),
  { what: 'fragments', frames: (text) => parts4(four(NAS4), text, [8, 8]) },
  { what: 'fragments of IPv6', frames: (text) => parts6(six(NAS6), text, [8, 8]) },
  byKernel({ what: 'fragments that overlap', frames: (text) => parts4(four(NAS4), text, [16, 8]) }),
  byKernel({ what: 'fragments of IPv6 that overlap', frames: (text) => parts6(six(NAS6), text, [16, 8]) }),
  byKernel(one('a fragment alone', (text) => packet(four(SITE4), UDP, Buffer.from(text), { offset: 8 }))),
  one('an atomic fragment', (text) => {
    const data = datagram(six(NAS6), 7, text)
    return packet(six(NAS6), FRAGMENT, part(UDP, data, 0, data.length))
  }),
  one('options for the target', (text) =>
    packet(six(NAS6), OPTIONS, padded(UDP, datagram(six(NAS6), 7, text))),
  ),
  one('options for each hop', (text) => hopByHop(six(NAS6), UDP, datagram(six(NAS6), 7, text))),
  ...[0, 2, 3, 4].flatMap((kind) => [
    byKernel(
      one(`a route of kind ${kind} by way of the gate`, (text) =>
        packet(six(GATE.address6), ROUTING, routed(kind, NAS6, UDP, datagram(six(NAS6), 7, text))),
      ),
    ),
    one(`a route of kind ${kind} to its LAN`, (text) =>
      packet(six(NAS6), ROUTING, routed(kind, SITE6, UDP, datagram(six(NAS6), 7, text))),
    ),
  ]),
  byKernel(
    one('a loose route by way of the gate', (text) =>
      packet(four(GATE.address4), UDP, datagram(four(GATE.address4), 7, text), { options: looselyBy(NAS4) }),
    ),
  ),
  ...[IPIP, IP6IN, GRE, ESP, SCTP].flatMap((protocol) => [
    one(`protocol ${protocol}`, (text) => packet(four(SITE4), protocol, whole(four(NAS4), text))),
    one(`protocol ${protocol} over IPv6`, (text) => packet(six(SITE6), protocol, whole(six(NAS6), text))),
  ]),
  one('a router of pasta', (text) => whole(four(pasta.address4), text)),
  one('the resolver of pasta', (text) => asking(four(pasta.address4), text)),
  one('the resolver of pasta over IPv6', (text) => asking(six(pasta.address6), text)),
  one('a name server', (text) => asking(four(SITES.resolver.four), text)),
  one('an answer to nobody', (text) => packet(four(NAS4), TCP, segment(four(NAS4), 80, 0x12, text))),
  one('an echo that was not asked for', (text) =>
    packet(four(SITE4), ICMP, control(four(SITE4), 0, 0, none, Buffer.from(text))),
  ),
  one('an ICMP error about nothing', (text) =>
    packet(four(SITE4), ICMP, control(four(SITE4), 3, 3, none, whole(four(BOX.address4, SITE4), text))),
  ),
  one('a redirect', (text) =>
    packet(six(SITE6), ICMP6, control(six(SITE6), 137, 0, none, Buffer.from(`${' '.repeat(32)}${text}`))),
  ),
]

let lab: Lab
let boxes: Boxes
let box: string
let gate: Gate
let pid: number
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  boxes = new Boxes(lab)
  ;({ box } = await boxes.start('container', { words: ['--publish', '8080:80', '--publish', '8080:80/udp'] }))
  gate = findGate(openContext(), box)
  pid = await processIn(boxes, box)
  // By now the gate knows pasta by both of its addresses, so nothing waits for that.
  for (const site of [SITE4, SITE6]) assert.equal(await boxes.answers(box, site, 80), 'internet')
})
after(async () => {
  await boxes.end(box)
  await lab?.[Symbol.asyncDispose]()
})

/** Which of the attempts left the gate. */
async function left(attempts: readonly Attempt[]): Promise<string[]> {
  const nonce = randomUUID()
  const texts = attempts.map((_, at) => `${nonce} ${at} `)
  const frames = attempts.flatMap(({ frames: make }, at) => make(texts[at] ?? ''))
  const last = frame(whole(four(SITE4), `${nonce} last`))
  const seen = await leaving(gate, `${nonce} last`, () => inject(pid, [...frames, last]))
  return attempts.filter((_, at) => seen.some((one) => one.includes(texts[at] ?? ''))).map(({ what }) => what)
}

/** Without the rules of its gate, and with all of them again. */
async function open<T>(work: () => Promise<T>): Promise<T> {
  const rules = await runNft(gate, ['list', 'ruleset'])
  await runNft(gate, ['flush', 'ruleset'])
  try {
    return await work()
  } finally {
    await runNft(gate, ['-f', '-'], rules)
  }
}

describe('frames that no kernel of ours would send', () => {
  test('leave the gate by no way', async () => assert.deepEqual(await left(ATTEMPTS), []))

  test('are told as refused, with the protocol and the source that they bear', async () => {
    const told = async () => (await boxes.glovebox('network', 'log', '--json', box).result).stdout
    const line = (protocol: string | number, from: string) =>
      `"verdict":"refused","protocol":"${protocol}","from":"${from}"`
    const lines = [
      ...[IPIP, IP6IN, GRE, ESP, 'sctp'].map((protocol) => line(protocol, BOX.address4)),
      ...['198.51.100.7', '2600:3c01::7', outward.address6, '127.0.0.1'].map((from) => line('udp', from)),
    ]
    for (const each of lines) while (!(await told()).includes(each)) await new Promise(setImmediate)
  })

  test('the control: without rules they leave', async () => {
    const ours = ATTEMPTS.filter(({ kernel }) => kernel === undefined)
    assert.deepEqual(
      await open(() => left(ours)),
      ours.map(({ what }) => what),
    )
  })
})

test("an error about a flow that is there carries nothing to the flow's far end", async () => {
  const nonce = randomUUID()
  const about = (text: string): Buffer => {
    const [flow, back] = [four(SITE4), four(BOX.address4, SITE4)]
    const inner = packet(back, UDP, Buffer.concat([datagram(back, 4000, text, 7)]))
    return frame(packet(flow, ICMP, control(flow, 3, 3, none, inner)))
  }
  const sent = async (text: string): Promise<boolean> => {
    const frames = [
      frame(whole(four(SITE4), 'a flow')),
      about(text),
      frame(whole(four(SITE4), `${text}last`)),
    ]
    const seen = await leaving(gate, `${text}last`, () => inject(pid, frames))
    return seen.some((one) => one.includes(text) && !one.includes(`${text}last`))
  }
  assert.equal(await sent(`${nonce} one `), false)
  const rules = await runNft(gate, ['list', 'ruleset'])
  await runNft(gate, ['insert', 'rule', 'inet', 'glovebox', 'forward', 'ct', 'state', 'related', 'accept'])
  assert.equal(await sent(`${nonce} two `), true, 'the control: where all that is related may leave')
  await runNft(gate, ['flush', 'ruleset'])
  await runNft(gate, ['-f', '-'], rules)
})

describe('what a box makes up about its link', () => {
  const MANY = 100
  /** Other ones for each kind. */
  const own = (at: number): string => `${BOX.address6.replace(/2$/, '')}${at.toString(16)}`
  const echo = (ends: Ends): Buffer => packet(ends, ICMP6, control(ends, 128, 0, none, none))
  const solicit = (from: string): Buffer => {
    const ends = six(GATE.address6, from)
    const data = Buffer.concat([addressBytes(GATE.address6), Buffer.from([1, 1, 2, 0x67, 0x62, 0, 0, 2])])
    return packet(ends, ICMP6, control(ends, 135, 0, none, data), { hops: 255 })
  }
  const KINDS: Readonly<Record<string, (from: string) => Buffer>> = {
    'who asks for its gate': solicit,
    'who sends it an echo': (from) => echo(six(GATE.address6, from)),
    'who asks it for a name': (from) => asking(six(GATE.address6, from), 'nobody.local'),
    'who is refused': (from) => whole(six(GATE.address6, from), 'x'),
    'who sends what has run out of hops': (from) =>
      packet(six(SITE6, from), UDP, datagram(six(SITE6), 7, 'x'), { hops: 1 }),
  }
  const made = (kind: number): string[] =>
    Array.from({ length: MANY }, (_, at) => own(0x1000 * (kind + 1) + at))
  /** How many of these addresses the gate's kernel keeps a place for. */
  const placesOf = async (addresses: readonly string[]): Promise<number> => {
    const kept = await neighbours(gate, '/sbin/ip')
    return addresses.filter((address) => kept.some((line) => line.startsWith(`${address} `))).length
  }

  for (const [kind, [who, make]] of Object.entries(KINDS).entries())
    test(`takes no place among the neighbours, whose table is all of this machine's: ${who}`, async () => {
      const addresses = made(kind)
      const frames = addresses.map((from) => frame(make(from)))
      await inject(pid, frames)
      // Whoever answers has done so by the time that a later question is answered.
      const words = ['exec', box, '--', 'getent', 'hosts', SITES.allowed.name]
      assert.equal((await boxes.glovebox(...words).result).code, 0)
      assert.equal(await placesOf(addresses), 0)
      // The control: without rules it does, as far as the kernel's rate of errors goes.
      await open(async () => {
        do await inject(pid, frames)
        while ((await placesOf(addresses)) === 0)
      })
    })

  test('who asks from made up addresses of the link alone takes few of them', async () => {
    const kept = (await neighbours(gate, '/sbin/ip')).length
    await inject(
      pid,
      Array.from({ length: MANY }, (_, at) => frame(solicit(`fe80::${(at + 16).toString(16)}`))),
    )
    assert.ok((await neighbours(gate, '/sbin/ip')).length <= kept + 10)
  })
})

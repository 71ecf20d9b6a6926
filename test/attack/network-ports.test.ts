import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openContext } from '../../src/box/context.ts'
import { findGate, runNft } from '../../src/box/gate.ts'
import type { Lab } from '../../src/lab/start.ts'
import { SITES } from '../../src/lab/topology.ts'
import { LINK } from '../../src/plan/link.ts'
import { openLab } from '../lan/lab.ts'
import { Boxes } from '../lan/networked.ts'
import { readyGlovebox } from '../support/base-box.ts'

/* Ports of this machine that a box takes by the ports that its datagrams come from. */

const SEND = readFileSync(join(import.meta.dirname, 'network', 'send.pl'), 'utf8')
const FIRST = 5060
const MANY = 20

let lab: Lab
let boxes: Boxes
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  boxes = new Boxes(lab)
})
after(() => lab?.[Symbol.asyncDispose]())

/** UDP ports of the lab's host that are bound (proc_net_udp). */
async function bound(): Promise<number[]> {
  const { stdout } = await lab.run('host', ['cat', '/proc/net/udp', '/proc/net/udp6']).result
  const ports = [...stdout.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)].map(([, port = '']) =>
    Number.parseInt(port, 16),
  )
  return [...new Set(ports)]
}

/** Sends from each of the ports to two places, and says which ports of the machine are bound behind it. */
async function send(box: string, first: number): Promise<number[]> {
  const before = new Set(await bound())
  const places = [SITES.allowed.four, SITES.other.four]
  const words = ['perl', '-e', SEND, String(first), String(first + MANY - 1), '7', ...places]
  const { stdout } = await boxes.glovebox('exec', box, '--', ...words).result
  assert.equal(stdout.match(/ answered/g)?.length, 2 * MANY, stdout)
  return (await bound()).filter((port) => !before.has(port))
}

test("a box's datagrams take no port of this machine's services, and one for each of the box's", async () => {
  const { box } = await boxes.start('container')
  try {
    const taken = await send(box, FIRST)
    assert.ok(
      taken.every((port) => port >= 40_960 && port <= 57_343),
      taken.join(' '),
    )
    assert.ok(taken.length <= MANY, `${taken.length}`)
    const gate = findGate(openContext(), box)
    const script = `flush chain inet glovebox translate\nadd rule inet glovebox translate oifname "${LINK.outward.interface}" masquerade\n`
    await runNft(gate, ['-f', '-'], script)
    const control = await send(box, FIRST + MANY)
    assert.ok(
      control.includes(FIRST + MANY),
      `the control: by their own numbers they do: ${control.join(' ')}`,
    )
  } finally {
    await boxes.end(box)
  }
})

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openContext } from '../../src/box/context.ts'
import { findGate, runNft } from '../../src/box/gate.ts'
import { readSupervisor } from '../../src/box/state.ts'
import type { Lab } from '../../src/lab/start.ts'
import { SITES } from '../../src/lab/topology.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { openLab } from './lab.ts'
import { Boxes } from './networked.ts'

/* The machine gets addresses and networks while a box runs: they are refused from then on. */

let lab: Lab
let boxes: Boxes
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  boxes = new Boxes(lab)
})
after(() => lab?.[Symbol.asyncDispose]())

/** Of the internet until the machine takes them. */
const TAKEN = [SITES.other.four, SITES.other.six] as const
const all = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`
/** A network that the machine gets into, and somebody there. */
const [LAN4, LAN6] = [
  { own: '45.77.1.1/24', range: '45.77.1.0/24', peer: '45.77.1.30/24', set: 'refused4' },
  { own: '2600:9000:1::1/64', range: '2600:9000:1::/64', peer: '2600:9000:1::30/64', set: 'refused6' },
] as const

/** Says something and waits for its echo, over and over, until that ends. */
const talk = (address: string): string => `
  exec 3<>/dev/tcp/${address}/80; read -r name <&3; echo "with $name"
  while echo ping >&3 && read -r -t 5 answer <&3; do echo "$answer"; sleep 0.05; done 2>/dev/null; echo cut`

for (const engine of ['container', 'uml'])
  describe(engine, () => {
    test('an address that the machine takes is refused, on connections that are there already, too', async () => {
      const { box } = await boxes.start(engine)
      const events = boxes.glovebox('events', '--follow', '--json', box)
      for (const address of TAKEN) {
        assert.equal(await boxes.answers(box, address, 80), 'internet')
        const talking = boxes.glovebox('exec', box, '--', 'bash', '-c', talk(address))
        assert.match(await talking.until('ping'), /^with internet\nping/)
        await boxes.change('host', `addr add ${all(address)} dev eth0`)
        try {
          // The control: who is in the machine's namespace, as pasta is, is answered by the machine now.
          assert.equal(await boxes.answersNode('host', address, 80), 'host')
          assert.match((await talking.result).stdout, /cut\n$/)
          assert.equal(await boxes.answers(box, address, 80), undefined)
        } finally {
          await boxes.change('host', `addr del ${all(address)} dev eth0`)
        }
        // It is remembered: the machine was there.
        assert.equal(await boxes.answersNode('host', address, 80), 'internet')
        assert.equal(await boxes.answers(box, address, 80), undefined)
      }
      for (const address of [SITES.allowed.four, SITES.allowed.six])
        assert.equal(await boxes.answers(box, address, 80), 'internet')
      assert.match(await events.until('network-moved'), /"type":"network-moved","ranges":1/)
      const { stdout } = await boxes.glovebox('network', 'show', box).result
      for (const address of TAKEN) assert.ok(stdout.includes(`${all(address)}, since this machine has moved`))
      await boxes.end(box)
    })

    for (const { own, peer, range, set } of [LAN4, LAN6])
      test(`a network that the machine gets into is refused: ${range}`, async () => {
        const { box } = await boxes.start(engine)
        const gate = findGate(openContext(), box)
        const [address = ''] = peer.split('/')
        await boxes.change('victim', `addr add ${peer} dev eth0`)
        await boxes.change('host', `addr add ${own} dev eth0`)
        try {
          assert.equal(await boxes.answersNode('host', address, 22), 'victim')
          while (!(await runNft(gate, ['list', 'set', 'inet', 'glovebox', set])).includes(range));
          assert.equal(await boxes.answers(box, address, 22), undefined)
          // The control: without what was added to the set it gets there.
          await runNft(gate, ['flush', 'set', 'inet', 'glovebox', set])
          assert.equal(await boxes.answers(box, address, 22), 'victim')
        } finally {
          await boxes.change('host', `addr del ${own} dev eth0`)
          await boxes.change('victim', `addr del ${peer} dev eth0`)
        }
        await boxes.end(box)
      })
  })

test('what came after the machine was looked at, and before it was listened to, is refused from the start', async () => {
  // In a table that is not looked at, so it is found by the supervisor alone.
  await boxes.change('host', `route add ${LAN4.range} dev eth0 table 77`)
  const { box } = await boxes.start('container')
  await boxes.change('host', `route del ${LAN4.range} dev eth0 table 77`)
  const events = await boxes.glovebox('events', '--json', box).result
  assert.match(events.stdout, /network-moved[\s\S]*"started"/)
  const { stdout } = await boxes.glovebox('network', 'show', box).result
  assert.ok(stdout.includes(`${LAN4.range}, since this machine has moved`))
  await boxes.end(box)
})

test('what the kernel had no room to tell is asked for', async () => {
  const { box, dir } = await boxes.start('container')
  const supervisor = readSupervisor(dir)?.outer.pid ?? 0
  const addresses = [77, 78, 79].flatMap((net) =>
    Array.from({ length: 250 }, (_, at) => `45.${net}.0.${at + 1}`),
  )
  const last = addresses.at(-1) ?? ''
  process.kill(supervisor, 'SIGSTOP')
  await boxes.change('host', ...addresses.map((one) => `addr add ${one}/32 dev eth0`))
  try {
    const { stdout: sockets } = await lab.run('host', ['cat', '/proc/net/netlink']).result
    // sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode
    const own = sockets.split('\n').map((line) => line.trim().split(/\s+/))
    const drops = own.find(([, family, pid]) => family === '0' && pid === String(supervisor))?.[8]
    assert.ok(Number(drops) > 0, 'the control: some were lost')
    process.kill(supervisor, 'SIGCONT')
    assert.equal(await boxes.answersNode('host', last, 80), 'host')
    const events = boxes.glovebox('events', '--follow', '--json', box)
    assert.match(await events.until('network-moved'), /"ranges":750/)
    assert.equal(await boxes.answers(box, last, 80), undefined)
    assert.equal(await boxes.answers(box, SITES.allowed.four, 80), 'internet')
  } finally {
    await boxes.change('host', ...addresses.map((one) => `addr del ${one}/32 dev eth0`))
  }
  await boxes.end(box)
})

test('where the rules cannot follow, the network closes', async () => {
  const { box } = await boxes.start('container')
  await runNft(findGate(openContext(), box), ['delete', 'table', 'inet', 'glovebox'])
  assert.equal(await boxes.answers(box, SITES.allowed.four, 80), 'internet')
  const events = boxes.glovebox('events', '--follow', '--json', box)
  await boxes.change('host', `addr add ${LAN4.own} dev eth0`)
  assert.match(await events.until('network-closed'), /"network-closed","by":"roaming"/)
  await boxes.change('host', `addr del ${LAN4.own} dev eth0`)
  assert.equal(await boxes.answers(box, SITES.allowed.four, 80), undefined)
  await boxes.end(box)
})

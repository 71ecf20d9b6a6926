import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Lab } from '../../src/lab/start.ts'
import type { NodeName } from '../../src/lab/topology.ts'
import type { EngineName } from '../../src/sdk.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { openLab } from './lab.ts'
import { Boxes } from './networked.ts'

/* Ports of a box that are published, and from where they are reached. */

const program = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8')
const [SERVE, HEAR] = [program('serve.pl'), program('hear.pl')]
const HOST = ['192.168.7.2', 'fd00:7::2', '2a00:1450:7::2']

let lab: Lab
let boxes: Boxes
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  boxes = new Boxes(lab)
})
after(() => lab?.[Symbol.asyncDispose]())

/** Runs `work` while a box serves its port 80. */
async function serving(
  engine: EngineName,
  words: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const publish = words.flatMap((word) => ['--publish', word])
  const { box } = await boxes.start(engine, { network: 'image', words: publish })
  try {
    const server = boxes.glovebox('exec', box, '--', 'perl', '-e', SERVE, '80')
    assert.match(await server.until('ready'), /ready/)
    await work()
  } finally {
    await boxes.end(box)
  }
}

/** What it got to hear at each address, of a port. */
async function hear(node: NodeName, port: number, addresses: readonly string[]): Promise<string[]> {
  const words = addresses.flatMap((address) => [address, String(port)])
  const { stdout, code, stderr } = await lab.run(node, ['perl', '-e', HEAR, ...words]).result
  assert.equal(code, 0, stderr)
  return stdout.trim().split('\n')
}

for (const engine of ['container', 'gvisor', 'uml', 'vm'] as const)
  describe(engine, () => {
    test('a published port is reached from this machine, and not from the LAN', () =>
      serving(engine, ['8080:80'], async () => {
        const heard = await hear('host', 8080, ['127.0.0.1'])
        for (const one of heard) assert.match(one, /^box/)
        const outside = await hear('bridged', 8080, HOST)
        assert.deepEqual(
          outside,
          HOST.map(() => 'nothing'),
        )
      }))

    test('one that is published at an address of the machine is reached from the LAN', () =>
      serving(engine, ['192.168.7.2:8080:80', '[2a00:1450:7::2]:8081:80'], async () => {
        const [four, local] = await hear('bridged', 8080, HOST.slice(0, 2))
        const [global] = await hear('bridged', 8081, HOST.slice(2))
        assert.match(four ?? '', /^box .*192\.168\.7\.99$/, 'with the address of who asks')
        assert.match(global ?? '', /^box 2a00:1450:7::99$/)
        assert.equal(local, 'nothing')
      }))
  })

test('only what is published is reached, and only it is let out again', () =>
  serving('container', ['8080:80', '8081:81'], async () => {
    const [first] = await hear('host', 8080, ['127.0.0.1'])
    const [second] = await hear('host', 8081, ['127.0.0.1'])
    assert.match(first ?? '', /^box/)
    // Nobody listens at that port of the box.
    assert.equal(second, 'nothing')
  }))

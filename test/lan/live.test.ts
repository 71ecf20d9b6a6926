import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { openContext } from '../../src/box/context.ts'
import { findGate, runNft } from '../../src/box/gate.ts'
import type { Lab, LabCommand } from '../../src/lab/start.ts'
import { SITES } from '../../src/lab/topology.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { openLab, scratchFolder } from './lab.ts'
import { Boxes } from './networked.ts'

/* What is changed while a box runs acts at once, on what is connected, too; and on nothing else. */

const program = (name: string): string => readFileSync(join(import.meta.dirname, name), 'utf8')
const [TALK, STREAM] = [program('talk.pl'), program('stream.pl')]
const { allowed, other } = SITES

let lab: Lab
let boxes: Boxes
const scratch = scratchFolder()
const list = join(scratch.path, 'allow')
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  boxes = new Boxes(lab)
  writeFileSync(list, `${allowed.name} tcp:80\n${other.name} tcp:443\n`)
})
after(async () => {
  await lab?.[Symbol.asyncDispose]()
  scratch[Symbol.dispose]()
})

/** A flow of the box's, which says each echo. */
const talk = (box: string, ...words: string[]): LabCommand =>
  boxes.glovebox('exec', box, '--', 'perl', '-e', TALK, ...words)

/** It goes on: ten more echoes come. */
async function goesOn(flow: LabCommand): Promise<void> {
  const had = flow.output.match(/echo/g)?.length ?? 0
  const text = await flow.until(`echo ${had + 10}.`)
  assert.ok(text.includes(`echo ${had + 10}.`), text.slice(-200))
}

async function change(verb: string, box: string, ...rule: string[]): Promise<void> {
  const { code, stderr } = await boxes.glovebox('network', verb, box, ...rule).result
  assert.equal(code, 0, stderr)
}

const said = async (flow: LabCommand): Promise<string | undefined> =>
  (await flow.result).stdout.trim().split('\n').at(-1)

for (const engine of ['container', 'uml'])
  describe(engine, () => {
    let box = ''
    before(async () => {
      box = (await boxes.start(engine, { network: `allow:${list}` })).box
    })
    after(() => boxes.end(box))

    test('a name that is denied is cut and answered no more; another goes on', async () => {
      const [first, second] = [talk(box, 'tcp', allowed.name, '80'), talk(box, 'tcp', other.name, '443')]
      await Promise.all([goesOn(first), goesOn(second)])
      await change('deny', box, allowed.name)
      assert.equal(await said(first), 'cut')
      await goesOn(second)
      assert.equal(await said(talk(box, 'tcp', allowed.name, '80')), 'no address')
      assert.equal(await said(talk(box, 'tcp', allowed.four, '80')), 'refused')
      await change('allow', box, allowed.name, 'tcp:80')
      await goesOn(talk(box, 'tcp', allowed.name, '80'))
      await goesOn(second)
    })

    test("a flow outlives its name's answer, and changes of other names, and new flows do not", async () => {
      const flow = talk(box, 'tcp', other.name, '443')
      await goesOn(flow)
      const gate = findGate(openContext(), box)
      for (const family of [4, 6])
        for (const set of ['', '_1'])
          await runNft(gate, ['flush', 'set', 'inet', 'glovebox', `allowed${family}${set}`])
      await goesOn(flow)
      assert.equal(await said(talk(box, 'tcp', other.four, '443')), 'refused')
      await change('deny', box, '45.77.0.0/16')
      await goesOn(flow)
      await change('deny', box, other.name)
      assert.equal(await said(flow), 'cut')
    })
  })

describe('with the whole internet', () => {
  let box = ''
  before(async () => {
    box = (await boxes.start('container', { network: 'internet' })).box
  })
  after(() => boxes.end(box))

  test('an address that is denied is cut, and open again when it is allowed', async () => {
    const flow = talk(box, 'tcp', other.four, '80')
    await goesOn(flow)
    await change('deny', box, '45.33.0.0/16', 'tcp:80')
    assert.equal(await said(flow), 'cut')
    await goesOn(talk(box, 'tcp', other.four, '443'))
    await change('allow', box, '45.33.0.0/16')
    await goesOn(talk(box, 'tcp', other.four, '80'))
  })

  test('a name that is denied takes the addresses along that it was answered with', async () => {
    const flow = talk(box, 'tcp', other.name, '80')
    await goesOn(flow)
    await change('deny', box, '*.example.net')
    assert.equal(await said(flow), 'cut')
    assert.equal(await said(talk(box, 'tcp', other.four, '80')), 'refused')
    await goesOn(talk(box, 'tcp', allowed.name, '80'))
  })

  test('what only comes in is cut as well', async () => {
    const source = lab.run('internet', ['perl', '-e', STREAM, allowed.four, '9000'])
    await source.until('ready')
    const flow = talk(box, 'udp', allowed.four, '9000')
    await goesOn(flow)
    await change('deny', box, allowed.four, 'udp')
    assert.equal(await said(flow), 'cut')
  })

  test('what changes nothing, or is no rule, is said with its place', async () => {
    for (const [words, message] of [
      [['allow', box, 'x.example.org'], /the whole internet is open already/],
      [['deny', box, '10.0.0.1/8'], /at character 1, "10\.0\.0\.1\/8" means all of 10\.0\.0\.0\/8/],
      [['deny', box, 'example.org', 'tcp:80'], /a name is denied whole/],
      [['deny', box, '1.2.3.4', 'tcp:9-1'], /at character 13, "9-1": the range ends before it begins/],
      [['allow', 'nobody', '1.2.3.4'], /There is no box "nobody"/],
    ] as const) {
      const { code, stderr } = await boxes.glovebox('network', ...words).result
      assert.notEqual(code, 0)
      assert.match(stderr, message)
    }
  })
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Lab } from '../../src/lab/start.ts'
import { SITES } from '../../src/lab/topology.ts'
import { networkFiles } from '../../src/network/gate.ts'
import { LINK } from '../../src/plan/link.ts'
import { openLab } from '../lan/lab.ts'
import { Boxes } from '../lan/networked.ts'
import { readyGlovebox } from '../support/base-box.ts'

/* A box that asks for names until the log of them is full, so that nobody knows any more what it was answered with before. */

const ASK = readFileSync(join(import.meta.dirname, 'network', 'ask.pl'), 'utf8')
const PART_BYTES = 4 * 1024 * 1024

let lab: Lab
let boxes: Boxes
let box: string
let dir: string
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  boxes = new Boxes(lab)
  ;({ box, dir } = await boxes.start('container'))
})
after(async () => {
  await boxes.end(box)
  await lab?.[Symbol.asyncDispose]()
})

const inBox = (...words: string[]) => boxes.glovebox('exec', box, '--', ...words).result
const names = async (name: string): Promise<number> => (await inBox('getent', 'ahosts', name)).code
const deny = (name: string) => boxes.glovebox('network', 'deny', box, name).result

describe('a box with the whole internet', () => {
  test('the control: before that, a name is closed with what it was answered with', async () => {
    assert.equal(await names(SITES.other.name), 0)
    const { code, stderr } = await deny(SITES.other.name)
    assert.equal(code, 0, stderr)
    assert.equal(await boxes.answers(box, SITES.other.four, 80), undefined)
  })

  test('that has flooded the log of names: whoever denies one is told that addresses of it may be open', async () => {
    assert.equal(await names(SITES.allowed.name), 0)
    const answered = () =>
      networkFiles(dir).namesLog.some((path) => readFileSync(path, 'latin1').includes(SITES.allowed.name))
    assert.ok(answered())
    // Of more questions a second than its bound the log keeps only a count.
    while (answered()) await inBox('perl', '-e', ASK, LINK.gate.address4, String(PART_BYTES))
    const { code, stderr } = await deny(SITES.allowed.name)
    assert.notEqual(code, 0)
    assert.match(stderr, /^glovebox: site\.example\.org is denied, and answered no more; but /)
    assert.notEqual(await names(SITES.allowed.name), 0)
    assert.equal(await boxes.answers(box, SITES.allowed.four, 80), 'internet', 'which is true')
    assert.equal((await deny(SITES.allowed.four)).code, 0)
    assert.equal(await boxes.answers(box, SITES.allowed.four, 80), undefined)
  })
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Lab, LabCommand } from '../../src/lab/start.ts'
import { onSegment } from '../../src/lab/topology.ts'
import { openLab } from '../lan/lab.ts'
import { Boxes } from '../lan/networked.ts'
import { readyGlovebox } from '../support/base-box.ts'

/* A port that is published to the LAN, and a host of the LAN that is denied. */

const program = (name: string): string => readFileSync(join(import.meta.dirname, '..', 'lan', name), 'utf8')
const [HOST] = onSegment(2)
const [BRIDGED] = onSegment(99)

let lab: Lab
let boxes: Boxes
let box: string
let server: LabCommand
before(async () => {
  await readyGlovebox()
  lab = await openLab()
  boxes = new Boxes(lab)
  ;({ box } = await boxes.start('container', { words: ['--publish', `${HOST}:8080:80`] }))
  server = boxes.glovebox('exec', box, '--', 'perl', '-e', program('serve.pl'), '80')
  await server.until('ready')
})
after(async () => {
  await boxes.end(box)
  await lab?.[Symbol.asyncDispose]()
})

async function hears(node: 'bridged' | 'printer'): Promise<string> {
  const { stdout } = await lab.run(node, ['perl', '-e', program('hear.pl'), HOST, '8080']).result
  return stdout.trim()
}

test('who is denied whole reaches no published port either; others do', async () => {
  assert.match(await hears('bridged'), /^box/, 'the control')
  const { code, stderr } = await boxes.glovebox('network', 'deny', box, BRIDGED).result
  assert.equal(code, 0, stderr)
  assert.equal(await hears('bridged'), 'nothing')
  assert.match(await hears('printer'), /^box/)
})

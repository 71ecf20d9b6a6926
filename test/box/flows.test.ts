import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { readFlows } from '../../src/box/flows.ts'
import { identityOf } from '../../src/host/process-identity.ts'
import type { FlowLine } from '../../src/network/flow-log.ts'

/* The reader of a log in two halves; its writer is played here (native/resolver/halves.c). */

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glovebox-flows-'))
  mkdirSync(join(dir, 'network'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const path = (half: 0 | 1): string => join(dir, 'network', half === 0 ? 'flows' : 'flows.1')
const begin = (half: 0 | 1, number: number, gone: number): void =>
  writeFileSync(path(half), `{"at":1,"event":"half","number":${number},"gone":${gone}}\n`)
const lines = (...ports: number[]): string =>
  ports
    .map(
      (port) =>
        `{"at":1,"flow":"start","verdict":"allowed","protocol":"tcp","from":"192.0.0.2","fromPort":1,"to":"1.1.1.1","toPort":${port}}\n`,
    )
    .join('')
const portOf = (line: FlowLine): number | string =>
  line.kind === 'flow' ? line.toPort : line.kind === 'lost' ? `${line.what} ${line.count}` : line.kind

async function all(): Promise<(number | string)[]> {
  const read = []
  for await (const line of readFlows(dir)) read.push(portOf(line))
  return read
}

test('the older half comes first, whichever file it is in, and what is gone is said', async () => {
  begin(0, 3, 40)
  begin(1, 2, 20)
  appendFileSync(path(1), lines(1, 2))
  appendFileSync(path(0), lines(3, 4))
  assert.deepEqual(await all(), ['gone 40', 1, 2, 3, 4])
})

test('what is no line of the log is left out, however long it is, and a half without its first line is none', async () => {
  begin(0, 1, 0)
  writeFileSync(path(1), lines(9))
  appendFileSync(path(0), `${lines(1)}junk\n${'x'.repeat(3 << 20)}\n{"at":1}\n${lines(2)}{"at":1,"flow":"st`)
  assert.deepEqual(await all(), [1, 2])
})

test('a box that has told nothing yet has no lines', async () => {
  assert.deepEqual(await all(), [])
})

test('who follows reads on into the next half, and is told when the writer was faster', async () => {
  const self = identityOf(process.pid)
  assert.ok(self !== undefined)
  const running = `${self.pid} ${self.startTime} ${self.pid} ${self.startTime} ${self.bootId}\n`
  writeFileSync(join(dir, 'supervisor'), running)
  begin(0, 1, 0)
  writeFileSync(path(1), '')
  appendFileSync(path(0), lines(1))
  const followed = readFlows(dir, { follow: true })
  const next = async (): Promise<number | string> => portOf((await followed.next()).value as FlowLine)
  assert.equal(await next(), 1)
  appendFileSync(path(0), lines(2))
  begin(1, 2, 0)
  appendFileSync(path(1), lines(3))
  assert.deepEqual([await next(), await next()], [2, 3])
  begin(0, 3, 2)
  appendFileSync(path(0), lines(4))
  begin(1, 4, 3)
  appendFileSync(path(1), lines(5))
  assert.deepEqual([await next(), await next(), await next()], ['gone 3', 4, 5])
  rmSync(join(dir, 'supervisor'))
  assert.equal((await followed.next()).done, true)
})

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { endianness, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openWorld, type World } from './world.ts'

let world: World
let folder: string
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'glovebox-capture-'))
  world = await openWorld()
})
after(async () => {
  await world[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

interface Captured {
  readonly types: readonly number[]
  readonly frames: readonly Buffer[]
  /** Of each frame, in seconds since the epoch. */
  readonly times: readonly number[]
  readonly received: bigint
  readonly dropped: bigint
}

/** As draft-ietf-opsawg-pcapng has it; each block says its length twice. */
function parse(file: string): Captured {
  const bytes = readFileSync(file)
  const word = (at: number): number =>
    endianness() === 'LE' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
  const long = (at: number): bigint =>
    endianness() === 'LE' ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at)
  const [types, frames, times]: [number[], Buffer[], number[]] = [[], [], []]
  let [received, dropped] = [-1n, -1n]
  for (let at = 0; at < bytes.length; at += word(at + 4)) {
    const length = word(at + 4)
    assert.ok(length >= 12 && length % 4 === 0 && word(at + length - 4) === length)
    types.push(word(at))
    if (word(at) === 6) times.push((word(at + 12) * 2 ** 32 + word(at + 16)) / 1e9)
    if (word(at) === 6) frames.push(bytes.subarray(at + 28, at + 28 + word(at + 20)))
    if (word(at) === 5) [received, dropped] = [long(at + 24), long(at + 36)]
  }
  return { types, frames, times, received, dropped }
}

/** What each datagram to the port carried. */
const carried = (frames: readonly Buffer[], port: number): number[] =>
  frames
    .filter(
      (frame) => frame.readUInt16BE(12) === 0x0800 && frame[23] === 17 && frame.readUInt16BE(36) === port,
    )
    .map((frame) => Number(frame.subarray(42).toString()))

async function capture(
  name: string,
  words: readonly string[],
  work: () => Promise<unknown>,
): Promise<Captured> {
  const file = join(folder, name)
  writeFileSync(file, '')
  await world.call.startCapture(file, words)
  await work()
  assert.equal(await world.call.stop('SIGTERM'), 0)
  return parse(file)
}

const COUNT = 1000

test('every frame is in the file, and the file says that none is missing', async () => {
  let port = 0
  const { types, frames, received, dropped } = await capture('all', [], async () => {
    port = await world.call.deliver(COUNT)
  })
  assert.deepEqual([types[0], types[1], types.at(-1)], [0x0a0d0d0a, 1, 5])
  /* On the loopback interface each passes twice: as sent, as received. */
  const expected = Array.from({ length: 2 * COUNT }, (_, i) => Math.floor(i / 2))
  assert.deepEqual(carried(frames, port), expected)
  assert.deepEqual([received, dropped], [BigInt(frames.length), 0n])
})

test('a file that is full stays within its bound, and says how many frames are missing', async () => {
  const { frames, received, dropped } = await capture('full', ['--max-bytes', '10000'], () =>
    world.call.deliver(COUNT),
  )
  assert.ok(readFileSync(join(folder, 'full')).length <= 10_000 + 64)
  assert.ok(frames.length > 10 && dropped > 1000n)
  assert.equal(received, BigInt(frames.length) + dropped)
})

test('frames that came too fast are counted', async () => {
  const begin = Date.now() / 1000 - 0.001
  const { frames, times, received, dropped } = await capture(
    'fast',
    ['--receive-bytes', '4096'],
    async () => {
      await world.call.signal('SIGSTOP')
      await world.call.deliver(COUNT)
      await world.call.signal('SIGCONT')
    },
  )
  assert.ok(frames.length > 0 && dropped > 0n)
  const end = Date.now() / 1000 + 0.001
  assert.ok(times.every((time) => time >= begin && time <= end))
  assert.equal(received, BigInt(frames.length) + dropped)
})

import assert from 'node:assert/strict'
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { ENGINES } from '../../src/engine/index.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import type { Policy } from '../../src/policy/types.ts'
import type { Glovebox, SnapshotSummary } from '../../src/sdk.ts'
import { cli, inBox, readyGlovebox } from '../support/base-box.ts'

/* A memory size of this test's own, so that its snapshots are. */
const MEMORY_MIB = 200 + (process.pid % 50)
const limits = { ...DEFAULT_POLICY.limits, memoryBytes: MEMORY_MIB * 2 ** 20, diskBytes: 64 * 2 ** 20 }
const policy: Policy = { ...DEFAULT_POLICY, limits }
const RESUMING = Object.values(ENGINES).filter((engine) => !engine.cannot.includes('resume'))
const OTHERS = Object.values(ENGINES).filter((engine) => engine.cannot.includes('resume'))

let glovebox: Glovebox
const made: SnapshotSummary[] = []

before(async () => {
  glovebox = await readyGlovebox()
})
after(async () => {
  for (const { id } of made) await glovebox.snapshots.remove(id).catch(() => undefined)
})

/** What makes a guest itself, a line each; the last one is older than any box: the same file in the same memory. */
const WHO = [
  'cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/random/uuid /etc/machine-id',
  'head -c 16 /dev/urandom | od -An -tx1',
  'grep stack /proc/self/maps',
  'cat /proc/sys/kernel/random/uuid',
  'date +%s%N',
  'hostname',
  'stat -c %z /run/glovebox/guest',
].join('; ')
const NAMES = ['boot id', 'uuid', 'machine id', 'random bytes', 'stack', 'later uuid', 'clock']

interface Clone {
  readonly lines: readonly string[]
  readonly from: bigint
  readonly to: bigint
}

async function clone(engine: (typeof RESUMING)[number]['name'], warm: boolean): Promise<Clone> {
  const from = BigInt(Date.now()) * 1_000_000n
  const { code, out, err } = await inBox(glovebox, ['sh', '-c', WHO], {
    ...{ engine, warm, policy },
    hostname: `h${from}`,
  })
  assert.equal(code, 0, err)
  return { lines: out.trim().split('\n'), from, to: BigInt(Date.now() + 1) * 1_000_000n }
}

test('there is an engine that goes on from a kept memory', () => assert.ok(RESUMING.length > 0))

for (const { name: engine } of RESUMING) {
  test(`${engine}: two boxes that go on from one memory are not the same`, async () => {
    made.push(await glovebox.snapshots.ensure({ engine, policy }))
    const clones = await Promise.all([clone(engine, true), clone(engine, true)])
    const [one, two] = clones
    assert.equal(one?.lines.at(-1), two?.lines.at(-1), 'control: they come of the same memory')
    const cold = await clone(engine, false)
    assert.notEqual(one?.lines.at(-1), cold.lines.at(-1), 'control: and this one does not')
    for (const [at, what] of NAMES.entries()) assert.notEqual(one?.lines[at], two?.lines[at], what)
    for (const { lines, from, to } of clones) {
      assert.notEqual(lines[1], lines[5], 'its random numbers go on')
      const clock = BigInt(lines[6] ?? 0)
      assert.ok(from <= clock && clock <= to, `its clock is the host's: ${from} ${clock} ${to}`)
      assert.equal(lines[7], `h${from}`)
    }
  })

  test(`${engine}: a warm box takes files, further commands and signals, and its writes are its own`, async () => {
    await using one = await glovebox.boxes.create({ engine, policy, warm: true })
    await using two = await glovebox.boxes.create({ engine, policy, warm: true })
    const write = await (await one.exec(['sh', '-c', 'echo mine > ~/note; sync; cat ~/note'])).result()
    assert.equal(write.stdout.toString(), 'mine\n')
    const read = await (await two.exec(['cat', '/home/user/note'])).result()
    assert.notEqual(read.exitCode, 0, 'the other box has another disk')
    const sleeper = await one.exec(['sleep', '1000'])
    sleeper.kill('SIGTERM')
    assert.equal(await sleeper.exitCode, 143)
  })

  test(`${engine}: a kept memory that is damaged is no box, and says so`, async () => {
    const { id } = made.find((kept) => kept.engine === engine) ?? { id: '' }
    const disks = join(currentPaths().store, 'disks')
    const folder = readdirSync(disks).find((name) => name.endsWith(id)) ?? ''
    const state = join(disks, folder, 'state')
    renameSync(state, `${state}.whole`)
    try {
      writeFileSync(state, readFileSync(`${state}.whole`).subarray(0, 1000))
      const ended = await inBox(glovebox, ['true'], { engine, policy, warm: true })
      assert.equal(ended.code, 1)
      assert.match(ended.err, /ended before its command/)
      assert.match(ended.err, /glovebox snapshot list/)
    } finally {
      renameSync(`${state}.whole`, state)
    }
    assert.equal((await inBox(glovebox, ['true'], { engine, policy, warm: true })).code, 0, 'control')
  })

  test(`${engine}: snapshots are listed and removed`, async () => {
    const { id } = made.find((kept) => kept.engine === engine) ?? { id: '' }
    const listed = JSON.parse(cli(['snapshot', 'list', '--json']).out) as SnapshotSummary[]
    const found = listed.find((kept) => kept.id === id)
    assert.equal(found?.memoryBytes, limits.memoryBytes)
    assert.ok((found?.sizeBytes ?? 0) > 2 ** 20)
    assert.equal(cli(['snapshot', 'remove', id]).code, 0)
    assert.match(cli(['snapshot', 'remove', id]).err, /there is none/)
  })
}

for (const { name: engine } of OTHERS)
  test(`${engine}: says that it cannot go on from a kept memory`, async () => {
    await assert.rejects(glovebox.boxes.plan({ engine, warm: true, command: ['true'] }), {
      code: 'ENGINE_CANNOT',
    })
    await assert.rejects(glovebox.snapshots.ensure({ engine }), { code: 'ENGINE_CANNOT' })
  })

test('a kept box has a disk of its own and starts cold', async () => {
  await assert.rejects(glovebox.boxes.plan({ engine: 'vm', warm: true, keep: 'never', command: ['true'] }), {
    code: 'WARM_KEPT',
  })
})

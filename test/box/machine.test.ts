import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import type { Policy } from '../../src/policy/types.ts'
import type { Glovebox } from '../../src/sdk.ts'
import { cli, inBox, readyGlovebox } from '../support/base-box.ts'

/* What is different of virtual machines; what is not is tested with the other engines (life, claims, copies, limits). */

let glovebox: Glovebox
const folder = mkdtempSync(join(tmpdir(), 'glovebox-machine-'))
const name = `test-${process.pid}-${randomBytes(3).toString('hex')}`

before(async () => {
  glovebox = await readyGlovebox()
})
after(() => {
  cli(['rm', name])
  rmSync(folder, { recursive: true, force: true })
})

for (const engine of ['uml', 'microvm', 'vm'] as const) {
  test(`${engine}: the kernel is not the host's`, async () => {
    const words = ['cat', '/proc/sys/kernel/osrelease']
    const host = readFileSync('/proc/sys/kernel/osrelease', 'utf8')
    assert.equal((await inBox(glovebox, words, { engine: 'container' })).out, host, 'control')
    const found = await inBox(glovebox, words, { engine })
    assert.equal(found.code, 0, found.err)
    assert.notEqual(found.out, host)
  })

  test(`${engine}: bytes, exit codes, further commands and files come through`, async () => {
    await using box = await glovebox.boxes.create({ engine })
    const bytes = randomBytes(3_000_000)
    writeFileSync(join(folder, 'in'), bytes)
    await box.copyIn(join(folder, 'in'), '/tmp/in')
    const copied = await box.exec(['sh', '-c', 'cat /tmp/in > /tmp/out; exit 3'])
    assert.equal((await copied.result()).exitCode, 3)
    await box.copyOut('/tmp/out', join(folder, `out-${engine}`))
    assert.deepEqual(readFileSync(join(folder, `out-${engine}`)), bytes)
  })
}

for (const engine of ['uml', 'microvm', 'vm'] as const)
  test(`${engine}: its clock is the host's, and goes at its rate`, async () => {
    const before = Date.now()
    await using box = await glovebox.boxes.create({ engine })
    const ask = async (): Promise<{ from: number; clock: number; to: number }> => {
      const from = Date.now()
      const { stdout } = await (await box.exec(['date', '+%s%3N'])).result()
      return { from, clock: Number(stdout.toString()), to: Date.now() + 1 }
    }
    const first = await ask()
    assert.ok(before <= first.clock && first.clock <= first.to, JSON.stringify({ before, first }))
    /* A guest that took a wrong rate for right would be seconds off behind these commands. */
    for (let turn = 0; turn < 12; turn++) {
      const { from, clock, to } = await ask()
      const gone = clock - first.clock
      assert.ok(
        from - first.to <= gone + 1 && gone <= to - first.from,
        JSON.stringify({ turn, first, from, clock, to }),
      )
    }
  })

test('the memory of a box in a machine is bounded on any host', async () => {
  const hungry = ['sh', '-c', 'head -c 150000000 /dev/zero | tail -c 120000000 | wc -c']
  const limits = { processes: 100, memoryBytes: 100 * 2 ** 20 }
  const policy: Policy = { ...DEFAULT_POLICY, limits }
  assert.equal((await inBox(glovebox, hungry, { engine: 'uml', policy })).out.trim(), '0')
  /* It is killed; without min_ttl_ms (guest/serve_root.c) it read its own code again and again, for minutes. */
  assert.equal((await inBox(glovebox, hungry, { engine: 'vm', policy })).out.trim(), '0')
  assert.equal((await inBox(glovebox, hungry, { engine: 'uml' })).out.trim(), '120000000', 'control')
})

test('uml: a kept box goes on with its disk', async () => {
  const run = (...words: string[]): ReturnType<typeof cli> => cli(['run', '--keep', name, ...words])
  assert.equal(run('--engine', 'uml', '--', 'sh', '-c', 'echo kept > ~/note').code, 0)
  assert.equal(run('--', 'sh', '-c', 'cat ~/note; uname -r').out.split('\n')[0], 'kept')
  assert.match(run('--engine', 'container', '--', 'true').err, /made under uml/)
})

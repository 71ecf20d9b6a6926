import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openContext } from '../../src/box/context.ts'
import { GloveboxError } from '../../src/errors.ts'
import { ensureInitramfs } from '../../src/image/initramfs.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'
import { ensureTools } from '../../src/image/tools-image.ts'
import { cli, readyGlovebox } from '../support/base-box.ts'
import { scratchStore } from '../support/scratch-store.ts'

const glovebox = await readyGlovebox()
const { store: places, ids, runJob, guest } = openContext()
const context = { places, ids, runJob, limits: ARCHIVE_LIMITS }

test('the tools image is built on first need, and then nobody is asked any more', async () => {
  const [first, second] = await Promise.all([ensureTools(context), ensureTools(context)])
  assert.equal(first.digest, second.digest)
  const steps: unknown[] = []
  assert.equal((await ensureTools(context, (step) => steps.push(step))).digest, first.digest)
  assert.deepEqual(steps, [])
})

test('tools show names the version of each monitor and kernel', async () => {
  const { programs } = await glovebox.tools.show()
  assert.deepEqual(
    programs.map(({ what }) => what),
    ['qemu', 'kernel', 'uml', 'runsc'],
  )
  const { code, out } = cli(['tools', 'show'])
  assert.equal(code, 0)
  for (const { version } of programs) assert.ok(out.includes(version), version)
})

test('an update from a mirror that has nothing newer changes nothing', async () => {
  const before = await glovebox.tools.show()
  const { unchanged, tools } = await glovebox.tools.update()
  assert.equal(unchanged, tools.digest === before.digest)
  assert.deepEqual((await glovebox.tools.show()).digest, tools.digest)
})

test('without a tools image, show says how to get one', async () => {
  await using own = scratchStore()
  await assert.rejects(
    own.glovebox.tools.show(),
    (error) => error instanceof GloveboxError && error.code === 'TOOLS_NOT_BUILT',
  )
})

for (const [kind, least] of [
  ['uml', ['overlay', 'virtio_console']],
  ['cloud', ['overlay', 'virtio_mmio', 'virtio_blk', 'failover', 'net_failover', 'virtio_net']],
] as const)
  test(`the initramfs of ${kind} has the modules that its kernel is not built with`, async () => {
    const tools = await ensureTools(context)
    const { path, kernel } = await ensureInitramfs(context, tools, kind, guest)
    const { stdout } = spawnSync('cpio', ['-it'], { input: readFileSync(path), encoding: 'utf8' })
    const modules = stdout.split('\n').flatMap((line) => /^modules\/\d\d-(.+)\.ko$/.exec(line)?.[1] ?? [])
    assert.deepEqual(modules, least)
    assert.match(kernel, kind === 'uml' ? /linux\.uml$/ : /^\/boot\/vmlinuz-.*-cloud-/)
  })

import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { jobRunner } from '../../src/host/holder.ts'
import { chooseIds, readIdSource } from '../../src/host/ids.ts'
import { currentPaths } from '../../src/host/paths.ts'
import type { HolderJob } from '../../src/host/types.ts'
import { holderPath } from '../../src/host/view.ts'
import { readyGlovebox } from '../support/base-box.ts'

/* Whoever has broken into the runtime, or whose package is being installed, is root of the subordinate ids, with every
 * capability that the holder's user namespace has to give. */

const folder = mkdtempSync(join(tmpdir(), 'glovebox-holder-'))
chmodSync(folder, 0o777)

before(async () => {
  await readyGlovebox()
})
after(() => rmSync(folder, { recursive: true, force: true }))

const asRoot = async (script: string, job: Partial<HolderJob>): Promise<number> => {
  const words: HolderJob = {
    ids: chooseIds(readIdSource()),
    mounts: [],
    network: 'none',
    argv: ['/bin/sh', '-c', script],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    ...job,
  }
  return (await jobRunner(holderPath(currentPaths()))(words, ['ignore', 'ignore', 'ignore'])).exitCode
}

test('a layer, which all boxes of an image share, cannot be made writable beside one', async () => {
  const joined = { overlay: { lowers: [folder], upper: { tmpfsBytes: 2 ** 20 } } }
  const write = 'touch /box/l/0/planted'
  const ways = [
    'mount -o remount,bind,rw /box/l/0',
    'mount -o remount,rw /box/l/0',
    'mount --bind /box/l/0 /tmp && mount -o remount,bind,rw /tmp && touch /tmp/planted',
    'umount -l /box/l/0',
    'unshare --mount --propagation private mount -o remount,bind,rw /box/l/0',
    'mount -o remount,bind,rw /proc/1/root/box/l/0',
    'nsenter --target 1 --user --mount mount -o remount,bind,rw /box/l/0',
  ]
  for (const way of ways) {
    await asRoot(`${way}; ${write}`, joined)
    assert.ok(!existsSync(join(folder, 'planted')), way)
  }
  assert.equal(
    await asRoot('touch /box/rootfs/x && mount -t tmpfs x /tmp', joined),
    0,
    'what a build does, works',
  )
  const alone = { mounts: [{ kind: 'ro', source: folder, target: '/box/l/0' }] } as const
  await asRoot(`${ways[0]}; ${write}`, alone)
  assert.ok(existsSync(join(folder, 'planted')), 'control: where nothing is locked, it can')
})

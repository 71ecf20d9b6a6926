import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import type { BoxRequest, Glovebox } from '../../src/sdk.ts'
import { cli, compileProbe, inBox, type Outcome, readyGlovebox } from '../support/base-box.ts'

/* What a box plants in what is kept of it, for the next run, for diff and for commit. */

let glovebox: Glovebox
const probe = compileProbe()
const keep = `attack-${process.pid}-${randomBytes(3).toString('hex')}`
const folder = mkdtempSync(join(tmpdir(), 'glovebox-kept-'))

before(async () => {
  glovebox = await readyGlovebox()
})
afterEach(() => cli(['rm', keep]))
after(() => {
  probe.remove()
  rmSync(folder, { recursive: true, force: true })
})

const kept = (script: string, request: BoxRequest = {}): Promise<Outcome> =>
  inBox(glovebox, ['sh', '-c', script], { keep, user: 'root', ...request })

for (const engine of ['container', 'gvisor'] as const)
  test(`${engine}: marks of overlayfs that a box sets are not obeyed when it runs again`, async () => {
    const mark = ['use', 'mark', folder, 'user.overlay.opaque', 'y']
    assert.equal(
      spawnSync(probe.path, mark, { encoding: 'utf8' }).stdout,
      'ok\n',
      'control: outside it is set',
    )
    const first = await glovebox.boxes.create({ engine, keep, user: 'root' })
    await first.copyIn(probe.path, '/probe')
    const set = async (path: string, name: string, value: string): Promise<void> => {
      const run = await first.exec(['/probe', 'use', 'mark', path, name, value])
      run.stdin.end()
      await run.result()
    }
    const make = await first.exec(['sh', '-c', 'mkdir /srv/d && touch /etc/x'])
    make.stdin.end()
    assert.equal((await make.result()).exitCode, 0)
    await set('/srv/d', 'user.overlay.redirect', '/etc')
    await set('/srv/d', 'trusted.overlay.redirect', '/etc')
    await set('/etc', 'user.overlay.opaque', 'y')
    await set('/etc', 'user.overlay.overlay.opaque', 'y')
    await first.stop(0)
    const again = await kept('test -e /etc/passwd && ls -A /srv/d && echo whole', {
      engine: 'container',
    })
    assert.deepEqual([again.out, again.code], ['whole\n', 0], again.err)
    const changes = (await glovebox.boxes.diff(keep)).map(({ path }) => path)
    assert.deepEqual(
      changes.filter((path) => path.startsWith('/etc') || path.startsWith('/srv')),
      ['/etc/x', '/srv/d'],
    )
  })

test('a folder that was made anew does not hide from diff what was deleted in it, nor a mode', async () => {
  await kept('rm -r /etc/apt && mkdir /etc/apt && chmod 777 /var')
  const changes = await glovebox.boxes.diff(keep)
  assert.ok(changes.some(({ change, path }) => change === 'deleted' && path.startsWith('/etc/apt/')))
  assert.ok(changes.some(({ change, path }) => change === 'modified' && path === '/var'))
})

test('diff and commit take links for links', async () => {
  await kept('ln -s / /srv/root && ln -s /etc/shadow /srv/shadow')
  const changes = await glovebox.boxes.diff(keep)
  assert.deepEqual(
    changes.filter(({ path }) => path.startsWith('/srv')),
    [
      { change: 'added', path: '/srv/root' },
      { change: 'added', path: '/srv/shadow' },
    ],
  )
})

test('a commit of names that an image keeps for deletions is refused, and ends', async () => {
  await kept('touch /etc/.wh.passwd /srv/.wh..wh..opq; head -c 3000000 /dev/urandom > /srv/f')
  await assert.rejects(glovebox.boxes.commit(keep, `${keep}/image`), { code: 'ARCHIVE_PATH' })
})

test('a folder that a kept box has made a link is not mounted on by the other engine', async () => {
  await kept('rm -r /tmp && ln -s /etc /tmp')
  await assert.rejects(kept('true', { engine: 'gvisor' }), {
    code: 'BOX_NOT_STARTED',
    message: /\/tmp is no folder/,
  })
  const control = await kept('readlink /tmp', { engine: 'container' })
  assert.equal(control.out, '/etc\n', 'control: where nothing is mounted on it, it runs')
})

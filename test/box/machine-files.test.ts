import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { openContext } from '../../src/box/context.ts'
import type { BoxRequest, ChangedPath, EngineName, Glovebox } from '../../src/sdk.ts'
import { cli, inBox, type Outcome, readyGlovebox } from '../support/base-box.ts'

/* What virtual machines write is on disks of their making: a guest reads it out, and it comes to what a container's is. */

let glovebox: Glovebox
const name = `files-${process.pid}-${randomBytes(3).toString('hex')}`
const boxOf = (engine: string): string => `${name}-${engine}`
const imageOf = (engine: string): string => `${name}/${engine}`
const MACHINES = ['uml', 'vm'] as const
const EVERY = ['container', ...MACHINES] as const

before(async () => {
  glovebox = await readyGlovebox()
})
after(() => {
  for (const engine of EVERY) {
    cli(['rm', boxOf(engine)])
    cli(['image', 'rm', imageOf(engine)])
  }
})

/** A bit of everything: links of both kinds, what is no file, names that need quoting, folders that hide others. */
const SCRIPT = `set -e
echo first > /srv/first; ln /srv/first /srv/second; ln -s /etc/shadow /srv/link; mkfifo /srv/fifo
mkdir -p /srv/deep/er; printf x > "/srv/deep/er/$(printf 'a\\nb\\377')"; chmod 1777 /srv/deep
rm /etc/motd; rm -r /etc/apt; mkdir /etc/apt; echo new > /etc/apt/own; chmod 777 /var; echo '# more' >> /etc/profile
mkdir /srv/own; chmod 700 /srv/own; touch /srv/own/${'n'.repeat(200)}; chmod 4755 /srv/first
`

const kept = (engine: EngineName, script: string, request: BoxRequest = {}): Promise<Outcome> =>
  inBox(glovebox, ['sh', '-c', script], { engine, keep: boxOf(engine), user: 'root', ...request })

/** What `ls` tells of all that the script touched, of a box made of an image. */
const LOOK = `cd /; find srv etc/apt etc/motd etc/profile var -maxdepth 3 -printf '%P %y %m %U %G %n %l\\n' 2>/dev/null | sort
cat /srv/second /etc/apt/own; tail -n 1 /etc/profile; md5sum /srv/deep/er/*`

let changed: ChangedPath[]
let looked: Outcome

test('control: a container’s changes, and its image', async () => {
  const done = await kept('container', SCRIPT)
  assert.equal(done.code, 0, done.err)
  changed = await glovebox.boxes.diff(boxOf('container'))
  assert.ok(changed.some(({ change, path }) => change === 'deleted' && path.startsWith('/etc/apt/')))
  await glovebox.boxes.commit(boxOf('container'), imageOf('container'))
  looked = await inBox(glovebox, ['sh', '-c', LOOK], { image: imageOf('container'), user: 'root' })
  assert.match(looked.out, /^first\nnew\n# more\n/m)
})

for (const engine of MACHINES) {
  test(`${engine}: diff and commit of a kept box are as a container's, while it runs and afterwards`, async () => {
    await assert.rejects(glovebox.boxes.diff(boxOf(engine)), { code: 'BOX_NOT_FOUND' })
    {
      await using box = await glovebox.boxes.create({ engine, keep: boxOf(engine), user: 'root' })
      const process = await box.exec(['sh', '-c', SCRIPT])
      process.stdin.end()
      const { exitCode, stderr } = await process.result()
      assert.equal(exitCode, 0, stderr.toString())
      assert.deepEqual(await glovebox.boxes.diff(boxOf(engine)), changed, 'it runs')
      /* By its own end: a guest that is killed has not written everything to its disk yet. */
      await box.stop()
    }
    assert.deepEqual(await glovebox.boxes.diff(boxOf(engine)), changed, 'it has ended')
    await glovebox.boxes.commit(boxOf(engine), imageOf(engine))
    const again = await inBox(glovebox, ['sh', '-c', LOOK], { image: imageOf(engine), user: 'root' })
    assert.equal(again.out, looked.out)
  })
}

test('uml: a disk is as it was after it was read', async () => {
  assert.equal((await kept('uml', 'cat /srv/second')).out, 'first\n')
})

test('uml: names that an image keeps for deletions are refused, as from a container', async () => {
  await kept('uml', 'touch /srv/.wh.first')
  await assert.rejects(glovebox.boxes.commit(boxOf('uml'), imageOf('uml')), { code: 'ARCHIVE_PATH' })
})

test('uml: a disk that a broken jail has replaced by a link is not followed', async () => {
  const { plan } = await glovebox.boxes.plan({ engine: 'uml', keep: boxOf('uml'), command: ['true'] })
  const { upper } = plan.storage
  assert.ok(upper.kind === 'disk')
  assert.ok((await glovebox.boxes.diff(boxOf('uml'))).length > 0, 'control')
  const { runJob } = openContext()
  /* As the ids of the jail. */
  const { exitCode } = await runJob(
    {
      ids: plan.ids,
      mounts: [{ kind: 'rw', source: upper.path, target: '/box/write' }],
      network: 'none',
      argv: ['/bin/sh', '-c', 'cd /box/write/tmp && mv disk away && ln -s /etc/passwd disk'],
      env: { PATH: '/usr/bin:/bin' },
    },
    ['ignore', 'ignore', 'inherit'],
  )
  assert.equal(exitCode, 0)
  await assert.rejects(glovebox.boxes.diff(boxOf('uml')), { code: 'DISK_REPLACED' })
})

test('a box whose writes are in memory has no changes to tell', async () => {
  await using box = await glovebox.boxes.create({ engine: 'uml' })
  await assert.rejects(glovebox.boxes.diff(box.id), { code: 'BOX_NOT_KEPT' })
})

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { diskPath, ensureDisk, ensureEmptyDisk } from '../../src/image/disk.ts'
import { collectImages } from '../../src/image/gc.ts'
import { digestOf } from '../../src/image/layout.ts'
import type { ResolvedImage } from '../../src/image/types.ts'
import { imageOfLayers } from '../support/layers.ts'
import { type ScratchStore, scratchStore } from '../support/scratch-store.ts'
import type { RawEntry } from './tar-bytes.ts'

const LONG = `/usr/share/${'long/'.repeat(15)}target`
const folder = (name: string, uid = 0, mode = 0o755): RawEntry => ({ name, type: '5', uid, gid: uid, mode })
const LAYERS: readonly (readonly RawEntry[])[] = [
  [
    ...[folder('etc/'), folder('home/'), folder('home/user/', 1000, 0o700), folder('cache/')],
    { name: 'etc/hosts', content: 'lower\n', mtime: 1_000_000_000 },
    { name: 'etc/deleted', content: 'x' },
    { name: 'cache/old', content: 'x' },
    { name: 'home/user/secret', content: 's'.repeat(9000), uid: 1000, gid: 65_535, mode: 0o640 },
    { name: 'etc/first', content: 'linked' },
    { name: 'etc/second', type: '1', linkname: 'etc/first' },
  ],
  [
    folder('etc/'),
    { name: 'etc/hosts', content: 'upper\n', mtime: 1_700_000_000, uid: 33, gid: 34, mode: 0o600 },
    { name: 'etc/.wh.deleted' },
    ...[folder('cache/', 65_534), { name: 'cache/.wh..wh..opq' }, { name: 'cache/new', content: 'n' }],
    { name: 'etc/short', type: '2', linkname: 'hosts' },
    { name: 'etc/long', type: '2', linkname: LONG },
    ...[folder('deep/'), { name: 'deep/file', content: 'd' }],
  ],
]

const store = scratchStore()
after(() => store[Symbol.asyncDispose]())
const image = await imageOfLayers(store.context, 'two', LAYERS)

function debugfs(disk: string, request: string): string {
  const { stdout } = spawnSync('/sbin/debugfs', ['-R', request, disk], {
    encoding: 'utf8',
    env: { TZ: 'UTC', LC_ALL: 'C' },
  })
  return stdout
}
const names = (disk: string, path: string): string[] =>
  debugfs(disk, `ls -p ${path}`)
    .split('\n')
    .map((line) => line.split('/')[5] ?? '')
    .filter((name) => name !== '')
/** Mode and owner, as `0100600 33:34`. */
function rights(disk: string, path: string): string {
  const said = debugfs(disk, `stat ${path}`)
  const [, mode, uid, gid] = /Mode: +(\d+)[\s\S]*?User: +(\d+) +Group: +(\d+)/.exec(said) ?? []
  return `${mode} ${uid}:${gid}`
}

test('a disk has the merged layers with the owners, modes, links and times that a box sees', async () => {
  const disk = await ensureDisk(store.context, image)
  assert.equal(debugfs(disk, 'cat /etc/hosts'), 'upper\n')
  assert.equal(rights(disk, '/etc/hosts'), '0600 33:34')
  assert.equal(rights(disk, '/home/user'), '0700 1000:1000')
  assert.equal(rights(disk, '/home/user/secret'), '0640 1000:65535')
  assert.equal(rights(disk, '/cache'), '0755 65534:65534')
  assert.equal(rights(disk, '<2>'), '0755 0:0')
  assert.match(debugfs(disk, 'stat /etc/short'), /Fast link dest: "hosts"/)
  assert.equal(debugfs(disk, 'cat /etc/long'), LONG)
  assert.match(debugfs(disk, 'stat /etc/second'), /Links: 2/)
  assert.equal(debugfs(disk, 'cat /home/user/secret').length, 9000)
  for (const time of ['atime', 'ctime', 'mtime'])
    assert.match(debugfs(disk, 'stat /etc/hosts'), new RegExp(`${time}: 0x6553f100:00000000`))
  assert.deepEqual(names(disk, '/'), ['.', '..', 'cache', 'deep', 'etc', 'home'])
  assert.deepEqual(names(disk, '/etc'), ['.', '..', 'first', 'hosts', 'long', 'second', 'short'])
  assert.deepEqual(names(disk, '/cache'), ['.', '..', 'new'])
})

test('what only the layers’ joining needs is not on the disk, and the file system is sound', async () => {
  const disk = await ensureDisk(store.context, image)
  for (const path of ['/cache', '/etc', '/etc/hosts']) assert.equal(debugfs(disk, `ea_list ${path}`), '')
  const { status, stdout } = spawnSync('/sbin/e2fsck', ['-f', '-n', disk], { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
  const head = spawnSync('/sbin/dumpe2fs', ['-h', disk], { encoding: 'utf8' }).stdout
  assert.doesNotMatch(head, /has_journal|metadata_csum/)
})

test('a disk is large enough for whatever its files need beside their contents', async () => {
  const long = (at: number): string => `d/${String(at).padStart(4, '0')}${'n'.repeat(240)}`
  const files = Array.from({ length: 600 }, (_, at): RawEntry[] => [
    { name: 'x', pax: { path: long(at) }, content: at % 2 === 0 ? '' : 'x' },
    { name: 'x', pax: { path: `l/${at}`, linkpath: 'y'.repeat(1000) }, type: '2' },
    { ...folder(`d/${at}/`), mtime: at },
  ])
  const entries = [folder('d/'), folder('l/'), ...files.flat()]
  const disk = await ensureDisk(store.context, await imageOfLayers(store.context, 'tight', [entries]))
  assert.equal(names(disk, '/d').length, 2 + 1200)
  assert.equal(debugfs(disk, 'cat /l/7'), 'y'.repeat(1000))
})

test('anyone may read a disk and nobody write to it, and it takes little more than its files', async () => {
  const { mode, blocks, uid } = statSync(await ensureDisk(store.context, image))
  assert.equal(mode & 0o777, 0o444)
  assert.equal(uid, process.getuid?.())
  assert.ok(blocks * 512 < 512 * 1024, `${blocks} blocks`)
})

test('a disk that is there is used as it is, and an image of the same layers shares it', async () => {
  const disk = await ensureDisk(store.context, image)
  const { ino } = statSync(disk)
  assert.equal(statSync(await ensureDisk(store.context, { ...image, ref: 'other' })).ino, ino)
})

test('two who need a disk at once get the one that one of them makes', async () => {
  await using own = scratchStore()
  const mine = await imageOfLayers(own.context, 'two', LAYERS)
  const steps: string[] = []
  const both = await Promise.all(
    [1, 2].map(() => ensureDisk(own.context, mine, ({ detail = '' }) => steps.push(detail))),
  )
  assert.deepEqual(both, [diskPath(own.context.places, mine), diskPath(own.context.places, mine)])
  assert.equal(new Set(steps).size, steps.length, 'each step was done once')
  await clean(own, mine)
  assert.equal(
    sum(both[0] ?? ''),
    sum(await ensureDisk(store.context, image)),
    'another store, the same bytes',
  )
})

test('whoever is killed while making a disk leaves nothing that the next one could take for it', async () => {
  await using own = scratchStore()
  const mine = await imageOfLayers(own.context, 'two', LAYERS)
  for (const event of [1, 2, 3]) {
    const child = spawnSync(
      process.execPath,
      [`${import.meta.dirname}/disk-child.ts`, own.paths.programs, 'two', String(event)],
      {
        env: { ...process.env, ...own.env },
        encoding: 'utf8',
      },
    )
    assert.equal(child.signal, 'SIGKILL', child.stderr)
    assert.equal(existsSync(diskPath(own.context.places, mine)), false)
  }
  await ensureDisk(own.context, mine)
  await collectImages(own.context, [])
  await clean(own, mine)
})

test('a disk goes with its image, and empty ones stay', async () => {
  await using own = scratchStore()
  const mine = await imageOfLayers(own.context, 'two', LAYERS)
  const disk = await ensureDisk(own.context, mine)
  const empty = await ensureEmptyDisk(own.context, 64 * 2 ** 20)
  const long = new Date(Date.now() - 2 * 60 * 60 * 1000)
  for (const path of [disk, empty]) utimesSync(path, long, long)
  await collectImages(own.context, [])
  assert.equal(existsSync(disk), true)
  await own.glovebox.images.remove('two')
  await collectImages(own.context, [mine.digest])
  assert.equal(existsSync(disk), true, 'a box stands on it')
  await collectImages(own.context, [])
  assert.deepEqual([existsSync(disk), existsSync(empty)], [false, true])
})

test('an empty disk has a journal, the folders of a box’s writes, and takes next to no space', async () => {
  const bytes = 8 * 2 ** 30
  const disk = await ensureEmptyDisk(store.context, bytes)
  const { size, blocks, mode } = statSync(disk)
  assert.equal(size, bytes)
  assert.equal(mode & 0o777, 0o644)
  assert.ok(blocks * 512 < 4 * 2 ** 20, `${blocks} blocks`)
  for (const name of ['upper', 'work', 'home']) assert.equal(rights(disk, `/${name}`), '0755 0:0')
  const head = spawnSync('/sbin/dumpe2fs', ['-h', disk], { encoding: 'utf8' }).stdout
  assert.match(head, /has_journal/)
  const check = spawnSync('/sbin/e2fsck', ['-f', '-n', disk], { encoding: 'utf8' })
  assert.equal(check.status, 0, check.stdout)
})

const sum = (path: string): string => digestOf(readFileSync(path))

/** Nothing but the disk: no lock, no unfinished work. */
async function clean({ context: { places } }: ScratchStore, made: ResolvedImage): Promise<void> {
  const disk = diskPath(places, made)
  assert.deepEqual(readdirSync(places.disks), [disk.slice(disk.lastIndexOf('/') + 1)])
  assert.deepEqual(readdirSync(join(places.temporary)), [])
}

import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { removeAsSubordinate } from '../../src/box/remove.ts'
import { extractHome, settleHome } from '../../src/image/home.ts'
import { scratchStore } from '../support/scratch-store.ts'
import { type RawEntry, tarBytes } from './tar-bytes.ts'

/* What a guest sends of a home comes from a disk of its making. */

const store = scratchStore()
after(() => store[Symbol.asyncDispose]())

function newHome(name: string): string {
  const dir = join(store.folder, name)
  mkdirSync(dir)
  chmodSync(dir, 0o777)
  writeFileSync(join(dir, 'disk'), 'the disk')
  return dir
}

async function extract(name: string, entries: readonly RawEntry[]): Promise<string> {
  const dir = newHome(name)
  try {
    await extractHome(store.context, Readable.from([tarBytes(entries)]), dir)
    await settleHome(store.context, dir)
    return dir
  } finally {
    assert.equal(readFileSync(join(dir, 'disk'), 'utf8'), 'the disk')
    after(() => removeAsSubordinate(store.context.runJob, store.context.ids, dir, ['data', 'data.new']))
  }
}

const HOME: RawEntry = { name: 'home/', type: '5', mode: 0o755, uid: 1000, gid: 1000 }

test('control: a home becomes a folder, with links of its own to wherever it likes', async () => {
  const link: RawEntry = { name: 'home/dev', type: '2', linkname: '/etc/passwd' }
  const dir = await extract('plain', [HOME, { name: 'home/note', content: 'kept' }, link])
  assert.equal(readFileSync(join(dir, 'data', 'note'), 'utf8'), 'kept')
  assert.ok(lstatSync(join(dir, 'data', 'dev')).isSymbolicLink())
  assert.deepEqual(readdirSync(dir).sort(), ['data', 'disk'])
})

const HOSTILE: Readonly<Record<string, readonly RawEntry[]>> = {
  beside: [HOME, { name: 'disk', type: '2', linkname: '/etc/passwd' }],
  link: [{ name: 'home', type: '2', linkname: '/etc' }],
  file: [{ name: './home/', content: 'x' }],
  above: [HOME, { name: 'home/../disk', content: 'x' }],
  through: [HOME, { name: 'home/l', type: '2', linkname: '..' }, { name: 'home/l/disk', content: 'x' }],
  none: [],
}

for (const [name, entries] of Object.entries(HOSTILE))
  test(`an archive that is no home is refused, and the disk stays: ${name}`, async () => {
    await assert.rejects(extract(name, entries))
    assert.ok(!existsSync(join(store.folder, name, 'data')))
  })

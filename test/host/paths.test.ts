import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { choosePaths, openFolder } from '../../src/host/paths.ts'

const uid = process.getuid?.() ?? 0

function scratch(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-paths-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return folder
}

const nobody = (): undefined => undefined

test('folders are where the XDG specification puts them', () => {
  const paths = choosePaths({ env: { HOME: '/home/me' }, uid: 1000, ownerOf: nobody })
  assert.equal(paths.store, '/home/me/.local/share/glovebox/store')
  assert.equal(paths.boxes.kept, '/home/me/.local/state/glovebox/boxes')
  assert.equal(paths.facts, '/home/me/.cache/glovebox/facts.json')
  assert.equal(paths.boxes.runtime, '/home/me/.local/state/glovebox/run/boxes')
})

test('variables change them; a relative one is ignored', () => {
  const env = { HOME: '/home/me', XDG_DATA_HOME: '/big/data', XDG_CACHE_HOME: 'cache' }
  const paths = choosePaths({ env, uid: 1000, ownerOf: nobody })
  assert.equal(paths.data, '/big/data/glovebox')
  assert.equal(paths.cache, '/home/me/.cache/glovebox')
})

test("the runtime folder is taken only where it is the user's own", () => {
  const env = { HOME: '/home/me', XDG_RUNTIME_DIR: '/run/user/1000' }
  const of = (owner: number) => choosePaths({ env, uid: 1000, ownerOf: () => owner }).runtime
  assert.equal(of(1000), '/run/user/1000/glovebox')
  assert.equal(of(0), '/home/me/.local/state/glovebox/run')
})

test('without a home the missing variable is named', () => {
  assert.throws(() => choosePaths({ env: { HOME: 'x' }, uid: 1, ownerOf: nobody }), { code: 'NO_HOME' })
})

test('a new folder is for the user alone', (context) => {
  const path = join(scratch(context), 'a/b/glovebox')
  openFolder(path, uid)
  assert.equal(statSync(path).mode & 0o777, 0o700)
  openFolder(path, uid)
})

test('a folder in which others may write is refused, with the command that mends it', (context) => {
  const path = join(scratch(context), 'open')
  mkdirSync(path)
  for (const mode of [0o770, 0o702, 0o777]) {
    chmodSync(path, mode)
    assert.throws(() => openFolder(path, uid), { code: 'FOLDER_OPEN', remedy: `chmod go-w '${path}'` })
  }
  chmodSync(path, 0o755)
  openFolder(path, uid)
})

test("another user's folder is refused, also behind a link", (context) => {
  const folder = scratch(context)
  assert.throws(() => openFolder(folder, uid + 1), { code: 'FOLDER_FOREIGN' })
  symlinkSync(uid === 0 ? folder : '/', join(folder, 'link'))
  assert.throws(() => openFolder(join(folder, 'link'), uid + 1), { code: 'FOLDER_FOREIGN' })
})

test('a file in the place of a folder is said to be one', (context) => {
  const path = join(scratch(context), 'file')
  writeFileSync(path, '')
  assert.throws(() => openFolder(path, uid), { code: 'FOLDER_UNUSABLE' })
  assert.throws(() => openFolder(join(path, 'below'), uid), { code: 'FOLDER_UNUSABLE' })
})

test('a folder below /proc is refused at once, where a recursive mkdir of Node would never end', () => {
  assert.throws(() => openFolder('/proc/glovebox/store', uid), { code: 'FOLDER_UNUSABLE' })
})

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { searchPath } from '../../src/host/search-path.ts'
import { LAUNCHER, readyGlovebox } from '../support/base-box.ts'

/* Started in a folder of somebody else's, with the carelessness that a user may have. */

const folder = mkdtempSync(join(tmpdir(), 'glovebox-hostile-'))
const mark = join(folder, 'mark')
const place = join(folder, 'place')
const PLANTED = [
  'newuidmap',
  'newgidmap',
  'node',
  'readlink',
  'uname',
  'npm',
  'tar',
  'find',
  'setpriv',
  'crun',
  'cc',
]

before(async () => {
  mkdirSync(place)
  for (const name of PLANTED) {
    writeFileSync(join(place, name), `#!/bin/sh\necho ${name} >> ${mark}\nexit 1\n`)
    chmodSync(join(place, name), 0o755)
  }
  await readyGlovebox()
})
after(() => rmSync(folder, { recursive: true, force: true }))

const here = (
  command: string,
  words: readonly string[],
  env: Record<string, string>,
): ReturnType<typeof spawnSync> =>
  spawnSync(command, words, { cwd: place, encoding: 'utf8', env: { ...process.env, ...env } })

for (const front of ['.:', ':', './:'])
  test(`a program of the working folder is not run where PATH begins with "${front}"`, () => {
    const env = { PATH: `${front}${process.env['PATH']}` }
    assert.equal(here('/bin/sh', ['-c', 'newuidmap'], env).status, 1)
    assert.ok(existsSync(mark), 'control: a shell runs it')
    rmSync(mark)
    const found = here(LAUNCHER, ['run', '--', 'echo', 'ran'], env)
    assert.deepEqual([found.status, found.stdout], [0, 'ran\n'], String(found.stderr))
    assert.ok(!existsSync(mark))
  })

test('a relative folder of PATH is left out, and PATH is never empty', () => {
  assert.equal(searchPath('.:/usr/bin::bin:/bin:'), '/usr/bin:/bin')
  assert.match(searchPath('.'), /^\/usr/)
  assert.match(searchPath(''), /^\/usr/)
})

test('relative folders of the XDG variables are not obeyed', () => {
  const relative = { XDG_DATA_HOME: 'x', XDG_STATE_HOME: './x', XDG_CACHE_HOME: '../x', XDG_RUNTIME_DIR: '.' }
  const found = here(LAUNCHER, ['run', '--', 'true'], relative)
  assert.equal(found.status, 0, String(found.stderr))
  assert.deepEqual(readdirSync(place).sort(), [...PLANTED].sort())
})

test('what is made under any umask is the user’s alone', () => {
  const home = join(folder, 'home')
  mkdirSync(home)
  const words = ['-c', 'umask 000; exec "$0" ps', LAUNCHER]
  const env = { HOME: home, PATH: '/usr/bin:/bin' }
  spawnSync('/bin/sh', words, { cwd: home, encoding: 'utf8', env })
  const made = readdirSync(home, { recursive: true, withFileTypes: true }).map((one) =>
    join(one.parentPath, one.name),
  )
  assert.ok(
    made.some((path) => path.endsWith('/glovebox')),
    'control: it has made its folders',
  )
  for (const path of made) if (path.includes('/glovebox')) assert.equal(statSync(path).mode & 0o022, 0, path)
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { cli, type Outcome } from '../support/base-box.ts'
import { type TestImage, testImage } from '../support/image.ts'

const home = mkdtempSync(join(tmpdir(), 'glovebox-fresh-'))
const env = {
  HOME: home,
  XDG_DATA_HOME: join(home, 'data'),
  XDG_STATE_HOME: join(home, 'state'),
  XDG_CACHE_HOME: join(home, 'cache'),
  XDG_RUNTIME_DIR: home,
}
const fresh = (...words: readonly string[]): Outcome => cli(words, { env })

let image: TestImage
before(async () => {
  image = await testImage()
})
after(async () => {
  rmSync(home, { recursive: true })
  await image[Symbol.asyncDispose]()
})

/** Of a user who has never called `glovebox setup`: nothing is compiled. */
test('what only looks needs no setup', () => {
  for (const words of [['ps', '--all'], ['image', 'list'], ['events']])
    for (const json of [[], ['--json']]) {
      const { code, err } = fresh(...words, ...json)
      assert.deepEqual([code, err], [0, ''], words.join(' '))
    }
  assert.equal(fresh('policy', 'show').code, 0)
  for (const words of [
    ['logs', 'none'],
    ['exec', 'none', '--', 'true'],
    ['stop', 'none'],
    ['diff', 'none'],
  ]) {
    const { code, err } = fresh(...words)
    assert.equal(code, 2)
    assert.match(err, /There is no box "none"/)
  }
})

test('a plan can be looked at without setup; a box cannot be run, and the remedy is setup', () => {
  const store = join(env.XDG_DATA_HOME, 'glovebox', 'store')
  fresh('ps')
  rmSync(store, { recursive: true, force: true })
  symlinkSync(image.paths.store, store)
  const { code, out, err } = fresh('run', '--dry-run', '--json', '--', 'true')
  assert.deepEqual([code, err], [0, ''])
  const { plan } = JSON.parse(out) as { plan: { process: { args: string[] } } }
  assert.deepEqual(plan.process.args, ['true'])
  const run = fresh('run', '--', 'true')
  assert.equal(run.code, 1)
  assert.match(run.err, /not compiled for you yet.\n {2}→ .*glovebox setup/)
})

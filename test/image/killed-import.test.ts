import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, symlinkSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { LAUNCHER } from '../support/base-box.ts'
import { scratchStore } from '../support/scratch-store.ts'
import { tarBytes } from './tar-bytes.ts'

const store = scratchStore()
after(() => store[Symbol.asyncDispose]())
symlinkSync(store.paths.programs, join(store.paths.data, 'native'))
const { temporary, trees } = store.context.places
const archive = join(store.folder, 'big.tar')
writeFileSync(archive, tarBytes([{ name: 'big', content: randomBytes(32 * 2 ** 20) }]))
const env = { ...process.env, ...store.env }
const IMPORT = ['image', 'import', '--name', 'big', `tar:${archive}`]
const run = (...words: string[]): number | null => spawnSync(LAUNCHER, words, { env }).status

/** Resolves when something whose name matches is made in the folder. */
function made(folder: string, name: RegExp): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const watcher = watch(folder, (_event, file) => {
    if (!name.test(file ?? '')) return
    watcher.close()
    resolve()
  })
  return promise
}

for (const [when, folder, name] of [
  ['begins', temporary, /^lease-/],
  ['unpacks', temporary, /^tree-/],
  ['writes its blob', temporary, /^(blob|layer)-/],
  ['settles its tree', trees, /^[0-9a-f]{64}$/],
] as const)
  test(`kill -9 of an import when it ${when}: gc clears up, and the next one works`, async () => {
    const event = made(folder, name)
    const child = spawn(LAUNCHER, IMPORT, { env, stdio: 'ignore' })
    const ended = once(child, 'exit')
    await Promise.race([event, ended])
    child.kill('SIGKILL')
    await ended
    assert.equal(run('gc'), 0)
    assert.deepEqual(readdirSync(temporary), [])
    assert.equal(run('image', 'verify'), 0)
    assert.equal(run(...IMPORT), 0)
    assert.equal(run('image', 'verify'), 0)
    assert.equal(run('image', 'remove', 'big'), 0)
    assert.equal(run('gc'), 0)
    assert.deepEqual(readdirSync(trees), [])
  })

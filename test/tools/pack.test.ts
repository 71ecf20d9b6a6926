import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readyGlovebox } from '../support/base-box.ts'

const root = join(import.meta.dirname, '..', '..')

function run(words: readonly [string, ...string[]], cwd: string, env: Record<string, string> = {}): string {
  const [program, ...rest] = words
  const done = spawnSync(program, rest, { cwd, encoding: 'utf8', env: { ...process.env, ...env } })
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr}`)
  return done.stdout
}

test('the packed package installs elsewhere: its command runs a box, its SDK loads, its recipes are there', async () => {
  await readyGlovebox()
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-pack-'))
  try {
    // dist/ is built by the test run already; building it again would disturb the tests beside this one.
    const name = run(
      ['npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder],
      root,
    ).trim()
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    run(['npm', 'install', '--no-audit', '--no-fund', '--omit=dev', join(folder, name)], folder)
    const home = { HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') }
    const path = { ...home, PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` }
    assert.match(
      run([join(folder, 'node_modules/.bin/glovebox'), '--version'], folder, path),
      /^glovebox \d+\.\d+\.\d+\n$/,
    )
    // The images are the user's own, so that none is built a second time; all else is new.
    const images = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share')
    const words = ['run', '--', 'echo', 'from the box'] as const
    assert.equal(
      run([join(folder, 'node_modules/.bin/glovebox'), ...words], folder, {
        ...path,
        XDG_DATA_HOME: images,
        XDG_STATE_HOME: join(folder, 'state'),
        XDG_RUNTIME_DIR: folder,
      }),
      'from the box\n',
    )
    const script =
      "import('glovebox').then(({ Glovebox, GloveboxError }) => console.log(typeof Glovebox, typeof GloveboxError))"
    assert.equal(run([process.execPath, '-e', script], folder, home), 'function function\n')
    run(['test', '-f', join(folder, 'node_modules/glovebox/recipes/browser.yaml')], folder)
    run(['test', '-f', join(folder, 'node_modules/glovebox/native/main.c')], folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

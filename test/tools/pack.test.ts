import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')

function run(words: readonly [string, ...string[]], cwd: string, env: Record<string, string> = {}): string {
  const [program, ...rest] = words
  const done = spawnSync(program, rest, { cwd, encoding: 'utf8', env: { ...process.env, ...env } })
  assert.equal(done.status, 0, `${words.join(' ')}: ${done.stderr}`)
  return done.stdout
}

test('the packed package installs elsewhere: its command runs, its SDK loads, its recipes are there', () => {
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
    const script =
      "import('glovebox').then(({ Glovebox, GloveboxError }) => console.log(typeof Glovebox, typeof GloveboxError))"
    assert.equal(run([process.execPath, '-e', script], folder, home), 'function function\n')
    run(['test', '-f', join(folder, 'node_modules/glovebox/recipes/browser.yaml')], folder)
    run(['test', '-f', join(folder, 'node_modules/glovebox/native/main.c')], folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

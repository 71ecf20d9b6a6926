import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')

/** The project's shell scripts: what has a shell in its first line, and what those source. */
const scripts = globSync(['bin/*', '.ci/*', 'tools/*', 'share/build/*'], { cwd: root })
  .filter((path) => existsSync(join(root, path)) && statSync(join(root, path)).isFile())
  .filter(
    (path) => path.endsWith('.sh') || /^#!\/bin\/(ba)?sh\n/.test(readFileSync(join(root, path), 'utf8')),
  )
  .sort()

test('shellcheck(1) has nothing to warn of in the shell scripts', () => {
  for (const expected of [
    'bin/glovebox',
    'tools/choose-node.sh',
    'tools/setup-host',
    'share/build/enter-root',
  ])
    assert.ok(scripts.includes(expected), expected)
  const words = ['--severity=warning', '--external-sources', '--source-path=SCRIPTDIR', ...scripts]
  const { status, stdout, error } = spawnSync('shellcheck', words, { cwd: root, encoding: 'utf8' })
  assert.equal(error, undefined, 'shellcheck is missing: tools/setup-host installs it')
  assert.equal(status, 0, stdout)
})

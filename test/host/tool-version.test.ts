import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { askVersion } from '../../src/host/tool-version.ts'

const SCRIPT = `#!/bin/sh
[ -n "$XDG_RUNTIME_DIR" ] && mkdir "$XDG_RUNTIME_DIR/state" || { echo 'Failed to get state directory' >&2; exit 1; }
echo 'crun version 1.21'
`

test('a program that makes a folder for its state before it tells its version is given one, and it is gone after', () => {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-tool-'))
  const before = process.env['TMPDIR']
  try {
    const program = join(folder, 'crun')
    writeFileSync(program, SCRIPT)
    chmodSync(program, 0o755)
    process.env['TMPDIR'] = folder
    assert.equal(askVersion(program), '1.21')
    assert.deepEqual(readdirSync(folder), ['crun'])
    process.env['TMPDIR'] = join(folder, 'missing')
    assert.equal(askVersion(program), undefined)
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
    rmSync(folder, { recursive: true })
  }
})

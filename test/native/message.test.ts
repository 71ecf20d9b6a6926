import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

test('the exit code of a box arrives, although a signal for it was on its way when it ended', () => {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-message-'))
  try {
    const program = join(folder, 'message')
    const root = join(import.meta.dirname, '..', '..')
    const sources = ['test/native/message.c', 'native/message.c'].map((name) => join(root, name))
    const built = spawnSync('cc', ['-std=gnu11', '-o', program, ...sources], { encoding: 'utf8' })
    assert.equal(built.status, 0, built.stderr)
    assert.equal(spawnSync(program, { encoding: 'utf8' }).stdout, '1 5\n0\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

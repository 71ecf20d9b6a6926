import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { PACKAGE_ROOT, run } from '../guest/program.ts'

const WORDS = [
  ...['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror'],
  ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
]

test('addresses stay in the sets for as long as was promised, with the kernels of before 6.3 and of now', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-sets-'))
  try {
    const program = join(folder, 'model')
    const sources = ['test/network/sets_model.c', 'native/resolver/sets.c'].map((path) =>
      join(PACKAGE_ROOT, path),
    )
    const compiled = await run(['gcc', ...WORDS, ...sources, '-o', program])
    assert.deepEqual([compiled.code, compiled.stderr], [0, ''])
    for (const kernel of [[], ['old']]) {
      const ended = await run([program, '20000', '1', ...kernel])
      assert.deepEqual([ended.code, ended.stderr], [0, ''])
      const [steps = 0, through = 0, , failures = 0] = (ended.stdout.toString().match(/\d+/g) ?? []).map(
        Number,
      )
      assert.ok(steps === 20_000 && through > 15_000 && failures > 100, ended.stdout.toString())
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { PACKAGE_ROOT, run } from '../guest/program.ts'

/* GLOVEBOX_FUZZ_INPUTS and GLOVEBOX_FUZZ_SEED make it longer, and other. */
const INPUTS = process.env['GLOVEBOX_FUZZ_INPUTS'] ?? '20000'
const SEED = process.env['GLOVEBOX_FUZZ_SEED'] ?? '1'
const WORDS = [
  ...['-std=c11', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-Wno-unused-function'],
  ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
]

test(`${INPUTS} messages of addresses and routes break no claim, and no rule of C (seed ${SEED})`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-fuzz-roam-'))
  try {
    const fuzzer = join(folder, 'fuzzer')
    const source = join(PACKAGE_ROOT, 'test/native/fuzz_roam.c')
    const compiled = await run(['gcc', ...WORDS, source, '-o', fuzzer])
    assert.deepEqual([compiled.code, compiled.stderr], [0, ''])
    const ended = await run([fuzzer, INPUTS, SEED])
    assert.deepEqual([ended.code, ended.stderr], [0, ''])
    const [inputs = 0, added = 0, refused = 0] = (ended.stdout.toString().match(/\d+/g) ?? []).map(Number)
    assert.equal(inputs, Number(INPUTS))
    /* Inputs that are all alike would show nothing. */
    for (const count of [added, refused]) assert.ok(count > inputs / 20 && count < inputs, `${count}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { PACKAGE_ROOT, run } from '../guest/program.ts'

/* GLOVEBOX_FUZZ_INPUTS and GLOVEBOX_FUZZ_SEED make it longer, and other. */
const INPUTS = process.env['GLOVEBOX_FUZZ_INPUTS'] ?? '200000'
const SEED = process.env['GLOVEBOX_FUZZ_SEED'] ?? '1'
const WORDS = [
  ...['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror'],
  ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
]

test(`${INPUTS} packets between boxes of a network break no claim, and no rule of C (seed ${SEED})`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-fuzz-join-'))
  try {
    const fuzzer = join(folder, 'fuzzer')
    const sources = ['test/network/fuzz_join.c', 'native/resolver/join_packet.c']
    const paths = sources.map((path) => join(PACKAGE_ROOT, path))
    const compiled = await run(['gcc', ...WORDS, ...paths, '-o', fuzzer])
    assert.deepEqual([compiled.code, compiled.stderr], [0, ''])
    const ended = await run([fuzzer, INPUTS, SEED])
    assert.deepEqual([ended.code, ended.stderr], [0, ''])
    const [inputs = 0, ...inOrder] = (ended.stdout.toString().match(/\d+/g) ?? []).map(Number)
    assert.equal(inputs, Number(INPUTS))
    /* Inputs that are all refused at once would show nothing. */
    for (const count of inOrder) assert.ok(count > inputs / 50 && count < inputs, ended.stdout.toString())
  } finally {
    rmSync(folder, { recursive: true })
  }
})

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openBench, PACKAGE_ROOT, run } from './program.ts'

/**
 * GLOVEBOX_FUZZ_INPUTS asks for a longer run and GLOVEBOX_FUZZ_SEED for another one. For libFuzzer:
 * clang -fsanitize=fuzzer,address,undefined test/guest/fuzz_put.c guest/{tar_*,put,say}.c && mkdir f && cd f && ../a.out
 */
const INPUTS = process.env['GLOVEBOX_FUZZ_INPUTS'] ?? '4000'
const SEED = process.env['GLOVEBOX_FUZZ_SEED'] ?? '1'

const SOURCES = [
  'test/guest/fuzz_put.c',
  ...['tar_read', 'tar_pax', 'tar_write', 'put', 'say'].map((name) => `guest/${name}.c`),
]
const WORDS = [
  ...['-std=c11', '-g', '-O1', '-Wall', '-Wextra', '-Werror', '-DSTANDALONE'],
  ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
]

test(`${INPUTS} mutated archives break no claim, and no rule of C (seed ${SEED})`, async () => {
  await using bench = await openBench()
  const fuzzer = join(bench.root, 'fuzzer')
  const compiled = await run([
    'gcc',
    ...WORDS,
    ...SOURCES.map((path) => join(PACKAGE_ROOT, path)),
    '-o',
    fuzzer,
  ])
  assert.deepEqual([compiled.code, compiled.stderr], [0, ''])
  const folder = join(bench.root, 'inputs')
  assert.equal((await run(['mkdir', folder])).code, 0)
  const ended = await run([fuzzer, INPUTS, SEED], { cwd: folder })
  assert.deepEqual([ended.code, ended.stderr], [0, ''])
  const [inputs = 0, whole = 0] = (ended.stdout.toString().match(/\d+/g) ?? []).map(Number)
  assert.equal(inputs, Number(INPUTS))
  assert.ok(whole > inputs / 10 && whole < inputs / 2, `${whole} whole archives of ${inputs}`)
})

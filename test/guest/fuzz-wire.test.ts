import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openBench, PACKAGE_ROOT, run } from './program.ts'

const INPUTS = process.env['GLOVEBOX_FUZZ_INPUTS'] ?? '4000'
const SEED = process.env['GLOVEBOX_FUZZ_SEED'] ?? '1'

/* Of both ends: the monitor's (link, vhost, session) and the guest's (serve_root). */
const PARTS = [
  'wire',
  'link',
  'vhost',
  'stream',
  'monitor_session',
  'handover',
  'serve_root',
  'network',
  'serve_files',
  'say',
]
const SOURCES = ['test/guest/fuzz_wire.c', ...PARTS.map((name) => `guest/${name}.c`)]
const WORDS = [
  ...['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror'],
  ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
]

test(`${INPUTS} lies of a guest break no claim, and no rule of C (seed ${SEED})`, async () => {
  await using bench = await openBench()
  const fuzzer = join(bench.root, 'fuzzer')
  const sources = SOURCES.map((path) => join(PACKAGE_ROOT, path))
  const compiled = await run(['gcc', ...WORDS, ...sources, '-o', fuzzer])
  assert.deepEqual([compiled.code, compiled.stderr], [0, ''])
  const ended = await run([fuzzer, INPUTS, SEED])
  assert.deepEqual([ended.code, ended.stderr], [0, ''])
  const counts = (ended.stdout.toString().match(/\d+/g) ?? []).map(Number)
  const [inputs = 0, frames = 0, rings = 0, answered = 0, sessions = 0, setups = 0] = counts
  assert.equal(inputs, Number(INPUTS))
  /* Inputs that are all refused at once would show nothing. */
  assert.ok(frames > inputs && rings > inputs / 20 && answered > inputs / 20, ended.stdout.toString())
  assert.ok(sessions > inputs / 2 && setups > inputs / 20, ended.stdout.toString())
})

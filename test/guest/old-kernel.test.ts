import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Bench, openBench, PACKAGE_ROOT, run } from './program.ts'

/** The same numbers on x86-64 and arm64. */
const [CLOSE_RANGE, LANDLOCK_CREATE_RULESET] = ['436', '444']

let bench: Bench
let old: readonly string[]
before(async () => {
  bench = await openBench()
  const refuse = join(bench.root, 'refuse')
  const compiled = await run([
    'cc',
    '-Wall',
    '-Werror',
    join(PACKAGE_ROOT, 'test/guest/refuse.c'),
    '-o',
    refuse,
  ])
  assert.equal(compiled.code, 0, compiled.stderr)
  old = [refuse, CLOSE_RANGE, LANDLOCK_CREATE_RULESET, '--']
})
after(() => bench[Symbol.asyncDispose]())

test('on a kernel without Landlock the ABI is 0', async () => {
  const ended = await run([...old, bench.guest, 'landlock'])
  assert.deepEqual([ended.code, ended.stdout.toString(), ended.stderr], [0, '0\n', ''])
})

for (const verb of ['init', 'exec'])
  test(`on a kernel without Landlock ${verb} runs the command and says nothing`, async () => {
    const ended = await run([...old, bench.guest, verb, '--', 'sh', '-c', 'echo ran; exit 3'])
    assert.deepEqual([ended.code, ended.stdout.toString(), ended.stderr], [3, 'ran\n', ''])
  })

test('on a kernel without close_range nothing is inherited either', async () => {
  const list = ['sh', '-c', 'for fd in 7 199; do [ -e /proc/$$/fd/$fd ] && echo "$fd"; done; exit 0']
  const opened = ['bash', '-c', 'exec 7</etc/passwd 199</etc/passwd; exec "$@"', 'bash', ...old]
  assert.equal((await run([...opened, ...list])).stdout.toString(), '7\n199\n', 'the control')
  assert.equal((await run([...opened, bench.guest, 'init', '--', ...list])).stdout.toString(), '')
})

test('a standard stream that is closed is not taken by the next file: nothing is started', async () => {
  const closed = ['bash', '-c', 'exec 2>&-; exec "$@"', 'bash']
  const ended = await run([...closed, bench.guest, 'exec', '--', 'echo', 'ran'])
  assert.deepEqual([ended.code, ended.stdout.toString()], [1, ''])
})

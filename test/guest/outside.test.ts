import assert from 'node:assert/strict'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Bench, openBench, PACKAGE_ROOT, run } from './program.ts'

let bench: Bench
let outside: string
let root: string
before(async () => {
  bench = await openBench()
  outside = join(bench.root, 'outside')
  root = join(bench.root, 'root')
  await mkdir(root)
  await cp(bench.guest, join(root, 'guest'))
  const source = join(PACKAGE_ROOT, 'test/guest/outside.c')
  const compiled = await run(['cc', '-Wall', '-Werror', source, '-o', outside])
  assert.equal(compiled.code, 0, compiled.stderr)
})
after(() => bench[Symbol.asyncDispose]())

for (const verb of ['init', 'exec'])
  test(`${verb} starts nothing in a working folder that lies outside of its root`, async () => {
    const words = [outside, root, '/guest', verb, '--', '/guest', 'landlock']
    const refused = await run(words, { cwd: '/' })
    assert.deepEqual([refused.code, refused.stdout.toString()], [1, ''])
    assert.match(refused.stderr, /working folder is not inside of the box/)
    const control = await run(words, { cwd: root })
    assert.equal(control.code, 0, `control: from inside it does: ${control.stderr}`)
  })

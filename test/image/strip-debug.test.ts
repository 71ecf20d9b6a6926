import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { stripDebug } from '../../src/image/strip-debug.ts'

const folder = mkdtempSync(join(tmpdir(), 'glovebox-strip-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const at = (name: string): string => join(folder, name)

function run(...[program, ...words]: [string, ...string[]]): string {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', cwd: folder })
  assert.equal(status, 0, stderr)
  return stdout
}

/* A relocatable file as a kernel module is one: with data, zeros, calls outward and what a debugger reads. */
const SOURCE = `#include <stdio.h>
static int zeros[1000]; int kept = 42; static const char *const words[] = {"one", "two"};
int main(void) { zeros[7] = kept; printf("%s %s %d\\n", words[0], words[1], zeros[7] + zeros[8]); return 0; }
`
writeFileSync(at('m.c'), SOURCE)
run('cc', '-g', '-c', '-o', 'm.o', 'm.c')
const whole = readFileSync(at('m.o'))
const bare = stripDebug(whole)
writeFileSync(at('bare.o'), bare)

test('what only a debugger reads goes, and the rest still links and runs', () => {
  assert.match(run('readelf', '-SW', 'm.o'), /\.debug_info/, 'control')
  assert.doesNotMatch(run('readelf', '-SW', 'bare.o'), /debug_/)
  assert.ok(bare.length < 0.7 * whole.length, `${bare.length} of ${whole.length} bytes`)
  run('cc', '-o', 'program', 'bare.o')
  assert.equal(run(at('program')), 'one two 42\n')
})

test('a file without it stays as it is, with whatever lies behind it', () => {
  run('cc', '-g0', '-c', '-o', 'small.o', 'm.c')
  const signed = Buffer.concat([readFileSync(at('small.o')), Buffer.from('a signature')])
  assert.equal(stripDebug(signed), signed)
})

test('what is no such file stays as it is, and one that is cut off is refused', () => {
  for (const other of [Buffer.from('no module'), Buffer.alloc(200)]) assert.equal(stripDebug(other), other)
  for (const bad of [whole.subarray(0, 100), whole.subarray(0, -70)])
    assert.throws(() => stripDebug(bad), { code: 'IMAGE_INVALID' })
})

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileProgram } from '../../src/host/compile.ts'
import { LINK } from '../../src/plan/link.ts'
import { PACKAGE_ROOT, run } from '../guest/program.ts'

/* The program that passes packets between boxes of a network, alone: an end of it may be in the hands of whoever broke a box's runtime. */

test('a packet is passed from its sender’s address to its receiver’s, and no other is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-join-'))
  try {
    const program = await compileProgram('resolver', join(folder, 'program'), PACKAGE_ROOT)
    const { range4, range6 } = LINK.joined
    const words = [
      join(PACKAGE_ROOT, 'test/network/join.pl'),
      folder,
      program,
      '--range4',
      range4,
      '--range6',
      range6,
    ]
    // To leave its root it needs a right over it.
    const { code, stdout, stderr } = await run([
      'unshare',
      '--user',
      '--map-root-user',
      '--',
      'perl',
      ...words,
    ])
    assert.deepEqual([code, stderr], [0, ''])
    assert.deepEqual(stdout.toString().trim().split('\n'), [
      'in, in order: four, six',
      'in, of another: nothing',
      'in, to another: nothing',
      'in, malformed: nothing',
      'in, of nobody: nothing',
      'in, of a socket from elsewhere: nothing',
      'out, in order: four, six',
      'out, with another source: nothing',
      'out, malformed: nothing',
      'to nobody: ICMP 3 1 from 198.18.0.200 to 198.18.0.7',
      'ended with 0',
    ])
    const counted = readFileSync(join(folder, 'log'), 'utf8')
    assert.match(counted, /"event":"ready"/)
    assert.match(counted, /"event":"dropped","malformed":7,"foreign":16,"full":0,"nobody":1\}\n$/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

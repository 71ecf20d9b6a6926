import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { judgeLayers } from '../../tools/layers.ts'

/** A tree that keeps every rule; each case plants one more line. */
const SOUND: Readonly<Record<string, string>> = {
  'errors.ts': 'export class GloveboxError {}',
  'policy/types.ts': "import { GloveboxError } from '../errors.ts'",
  'host/types.ts': "import { GloveboxError } from '../errors.ts'",
  'host/spawn.ts': "import { spawn } from 'node:child_process'",
  'image/build.ts': "import { spawnTool } from '../host/spawn.ts'",
  'image/types.ts': "import type { Grant } from '../policy/types.ts'",
  'plan/make.ts': "import type { Image } from '../image/types.ts'",
  'engine/types.ts': "import type { Plan } from '../plan/make.ts'",
  'engine/container.ts': "import type { Engine } from './types.ts'",
  'engine/gvisor.ts': "import type { Engine } from './types.ts'",
  'engine/index.ts': "import { container } from './container.ts'\nimport { gvisor } from './gvisor.ts'",
  'box/launch.ts':
    "import { ENGINES } from '../engine/index.ts'\nimport type { A } from 'node:child_process'",
  'exam/types.ts': "import type { launch } from '../box/launch.ts'",
  'exam/conduct.ts': "import type { Probe } from './types.ts'",
  'report/terminal.ts': "import { ASSETS } from '../exam/types.ts'",
  'sdk.ts': "import { launch } from './box/launch.ts'",
  'cli/main.ts': "import { Glovebox } from '../sdk.ts'",
}

function judge(module: string, line: string): string[] {
  const sources = new Map(Object.entries(SOUND))
  sources.set(module, `${SOUND[module] ?? ''}\n${line}`)
  return judgeLayers(sources).map((violation) => `${violation.module} ${violation.reason}`)
}

test('a tree that keeps the layers is accepted', () => {
  assert.deepEqual(judge('errors.ts', ''), [])
})

const PLANTED: readonly [module: string, line: string, complaint: RegExp][] = [
  ['box/launch.ts', "import { main } from '../cli/main.ts'", /box may not know cli/],
  ['host/spawn.ts', "export type { Image } from '../image/types.ts'", /host may not know image/],
  ['policy/types.ts', "let a: import('../host/types.ts').A", /policy may not know host/],
  ['plan/make.ts', "await import('../engine/types.ts')", /plan may not know engine/],
  ['plan/make.ts', "import { build } from '../image/build.ts'", /only types of image/],
  ['plan/make.ts', "import type { T } from '../host/spawn.ts'", /may know host\/types.ts only/],
  ['engine/gvisor.ts', "import { container } from './container.ts'", /only engine\/index.ts knows/],
  ['box/launch.ts', "import { gvisor } from '../engine/gvisor.ts'", /only engine\/index.ts knows/],
  [
    'box/launch.ts',
    "import { type A, spawn } from 'node:child_process'",
    /only host and the test LAN start processes/,
  ],
  ['cli/main.ts', "import 'child_process'", /only host and the test LAN start processes/],
  ['engine/types.ts', "import type { ChildProcess } from 'node:child_process'", /engine only computes/],
  ['plan/make.ts', "import net from 'node:net'", /plan only computes/],
  ['report/terminal.ts', "import net from 'node:net'", /report only computes/],
  [
    'report/terminal.ts',
    "import { conduct } from '../exam/conduct.ts'",
    /of exam, report may know exam\/types/,
  ],
  ['exam/conduct.ts', "import { page } from '../report/terminal.ts'", /exam may not know report/],
  ['host/types.ts', "import { a } from './spawn.ts'\nimport { b } from './types.ts'", /in a cycle/],
  ['box/launch.ts', "import { gone } from './gone.ts'", /no such module/],
  ['misc/things.ts', 'export const a = 1', /lies in no room/],
  ['sdk.ts', 'await import(name)', /names no module/],
]

for (const [module, line, complaint] of PLANTED)
  test(`src/${module} is refused with: ${line}`, () => {
    const complaints = judge(module, line)
    assert.ok(
      complaints.some((said) => complaint.test(said)),
      complaints.join('\n'),
    )
  })

/** A folder with `sources` below src/, judged by the program itself. */
function check(sources: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'glovebox-layers-'))
  for (const [module, content] of Object.entries(sources)) {
    mkdirSync(join(root, 'src', dirname(module)), { recursive: true })
    writeFileSync(join(root, 'src', module), content)
  }
  const program = join(import.meta.dirname, '../../tools/check-layers.ts')
  const result = spawnSync(process.execPath, [program, root], { encoding: 'utf8' })
  rmSync(root, { recursive: true })
  return result
}

const FILLING = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`box/part${index}.ts`, '']))

test('the program accepts a sound tree, and says how much it looked at', () => {
  const { status, stdout, stderr } = check({ ...SOUND, ...FILLING })
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
  assert.match(stdout, /27 modules import downwards only/)
})

test('the program fails on a planted violation', () => {
  const { status, stderr } = check({ ...SOUND, ...FILLING, 'host/up.ts': "import '../sdk.ts'" })
  assert.equal(status, 1)
  assert.match(stderr, /src\/host\/up\.ts imports sdk\.ts: host may not know sdk/)
})

test('the program fails where it finds next to nothing', () => {
  const { status, stderr } = check(SOUND)
  assert.equal(status, 1)
  assert.match(stderr, /only 17 modules lie in/)
})

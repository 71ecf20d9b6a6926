import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { collectExams } from '../../src/exam/leftovers.ts'
import type { Finding } from '../../src/exam/result-types.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { cli, readyGlovebox } from '../support/base-box.ts'
import { assertControls, assertVerdict, examineWith, LEAKY, NEVER, ours, probesOf } from './support.ts'

/** What only root can do on any machine; without a sandbox an ordinary user's attempt fails, too. */
const ROOTS = ['files-handle', 'files-raw-disk', 'files-mounts']
/** A fault that kernels of today have mended. */
const MENDED = ['files-page-cache']
/** What only engines have: kept homes, copies, images. */
const ENGINES = ['files-kept-link', 'files-copy-race', 'files-image-links']

const isMoot = (id: string): boolean =>
  MENDED.includes(id) || (process.getuid?.() !== 0 && ROOTS.includes(id))

before(async () => {
  await readyGlovebox()
})

function judgeEach(found: ReadonlyMap<string, Finding>, wanted: 'breach' | 'held'): void {
  assert.equal(found.size, probesOf('files').length)
  for (const [id, finding] of found) {
    if (wanted === 'breach' && ENGINES.includes(id)) assertVerdict(finding, 'not applicable')
    else if (isMoot(id)) assertVerdict(finding, 'moot')
    else {
      assertVerdict(finding, wanted)
      assertControls(finding)
    }
  }
}

test('without a sandbox every file of the user that is asked for is reached', async () => {
  judgeEach(await examineWith(LEAKY, ['files']), 'breach')
})

test('a container reaches no file of the host, by none of the ways', async () => {
  judgeEach(await examineWith(ours('container'), ['files']), 'held')
})

test('a sandbox that never starts holds no file back, as far as anybody knows', async () => {
  const found = await examineWith(NEVER, ['files'])
  for (const [id, finding] of found)
    assertVerdict(finding, ENGINES.includes(id) ? 'not applicable' : 'inconclusive')
})

test('inherited descriptors are what a sandbox passes on that does not close them', async () => {
  const open = { ...LEAKY, name: 'a shell', argv: ['sh', '-c', 'cd / && exec {}'] }
  const closed = {
    ...LEAKY,
    name: 'a tidy shell',
    argv: ['sh', '-c', 'cd / && exec {} 3<&- 4<&- 5<&- 6<&- 7<&-'],
  }
  const ids = ['files-inherited-folder', 'files-inherited-socket', 'files-working-folder']
  const [leaky, tidy] = [await examineWith(open, ids), await examineWith(closed, ids)]
  assertVerdict(leaky.get('files-inherited-folder'), 'breach')
  assertVerdict(leaky.get('files-inherited-socket'), 'breach')
  for (const id of ids) assertVerdict(tidy.get(id), 'held')
})

test('what a killed exam has kept of boxes is deleted by its journal, and nothing that only looks like it', async () => {
  const journals = mkdtempSync(join(tmpdir(), 'glovebox-journals-'))
  const name = `exam-canary-${randomBytes(6).toString('hex')}`
  const home = join(currentPaths().boxes.homes, name)
  try {
    assert.equal(cli(['run', '--home', name, '--', 'true']).code, 0)
    assert.ok(existsSync(home))
    const lines = [
      { version: 'test', owner: { pid: 1, startTime: '0', bootId: 'another boot' } },
      { kind: 'home', name },
      { kind: 'mount', path: '/' },
      { kind: 'interface', name: 'lo' },
      { kind: 'cgroup', path: '/sys/fs/cgroup' },
      { kind: 'home', name: 'mail' },
    ]
    writeFileSync(join(journals, 'killed.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    assert.equal(await collectExams(journals), 1)
    assert.ok(!existsSync(home))
  } finally {
    rmSync(journals, { recursive: true, force: true })
    if (existsSync(home)) cli(['rm', '--home', name])
  }
})

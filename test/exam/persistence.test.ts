import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { cgroupOf, isCgroupOf } from '../../src/exam/catalogue/persistence/namespaces.ts'
import type { Finding } from '../../src/exam/result-types.ts'
import { foreignSubject } from '../../src/exam/subject.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { assertControls, assertVerdict, examineWith, LEAKY, NEVER, ours, probesOf } from './support.ts'

before(async () => {
  await readyGlovebox()
})

/** Objects of the kernel that only root makes on any machine. */
const isMoot = (id: string): boolean => process.getuid?.() !== 0 && id === 'persistence-kernel-objects'

function judgeEach(found: ReadonlyMap<string, Finding>, wanted: 'breach' | 'held'): void {
  assert.equal(found.size, probesOf('persistence').length)
  for (const [id, finding] of found) {
    if (isMoot(id)) {
      assertVerdict(finding, 'moot')
      continue
    }
    assertVerdict(finding, wanted)
    assertControls(finding)
  }
}

test('without a sandbox all stays that a program leaves behind', async () => {
  judgeEach(await examineWith(LEAKY, ['persistence']), 'breach')
})

test('nothing of a container stays when it has ended', async () => {
  judgeEach(await examineWith(ours('container'), ['persistence']), 'held')
})

test('a cgroup that others are in is not the sandbox’s, one of its own that stays is', async () => {
  for (const folder of cgroupOf(process.pid)) assert.ok(!isCgroupOf(folder, () => [process.pid]), folder)
  if (process.getuid?.() !== 0) return
  const [ours = ''] = cgroupOf(process.pid)
  const name = `glovebox-test-${randomUUID()}`
  const script = 'at=$(mktemp -d "$1-XXXXXX") && echo $$ > "$at/cgroup.procs" && shift && exec "$@"'
  const leaves = foreignSubject(['sh', '-c', script, 'sh', join(ours, name), '{}'], 'leaves a cgroup')
  try {
    const finding = (await examineWith(leaves, ['persistence-kernel-objects'])).get(
      'persistence-kernel-objects',
    )
    assertVerdict(finding, 'breach')
    assert.match(JSON.stringify(finding), /a cgroup of the box/)
  } finally {
    for (const entry of readdirSync(ours)) if (entry.startsWith(name)) rmdirSync(join(ours, entry))
  }
})

test('a sandbox that never starts leaves nothing that anybody could judge', async () => {
  for (const finding of (await examineWith(NEVER, ['persistence'])).values())
    assertVerdict(finding, 'inconclusive')
})

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Finding } from '../../src/exam/result-types.ts'
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

test('a sandbox that never starts leaves nothing that anybody could judge', async () => {
  for (const finding of (await examineWith(NEVER, ['persistence'])).values())
    assertVerdict(finding, 'inconclusive')
})

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { readyGlovebox } from '../support/base-box.ts'
import { assertControls, assertVerdict, examineWith, LEAKY, ours, probesOf } from './support.ts'

before(async () => {
  await readyGlovebox()
})

test('what keeps no memory is asked nothing about it', async () => {
  for (const finding of (await examineWith(LEAKY, ['snapshots'])).values())
    assertVerdict(finding, 'not applicable')
})

test('microvm: boxes of one kept memory are not the same, and leave nothing in it', async () => {
  const found = await examineWith(ours('microvm'), ['snapshots'])
  assert.equal(found.size, probesOf('snapshots').length)
  for (const finding of found.values()) {
    assertVerdict(finding, 'held')
    assertControls(finding)
  }
})

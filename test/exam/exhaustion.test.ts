import { before, test } from 'node:test'
import { readyGlovebox } from '../support/base-box.ts'
import { assertControls, assertVerdict, examineWith, LEAKY, ours } from './support.ts'

/* Gauges of the whole machine that other tests hardly move. Memory, processors and disks are measured only where nothing else runs. */
const STEADY = ['exhaustion-keys', 'exhaustion-watchers', 'exhaustion-terminals', 'exhaustion-descriptors']

before(async () => {
  await readyGlovebox()
})

test('without a sandbox the bombs take what the user has', async () => {
  for (const finding of (await examineWith(LEAKY, STEADY)).values()) {
    assertVerdict(finding, 'breach')
    assertControls(finding)
  }
})

test('container: the bombs leave the user most of it', async () => {
  for (const finding of (await examineWith(ours('container'), STEADY)).values()) {
    assertVerdict(finding, 'held')
    assertControls(finding)
  }
})

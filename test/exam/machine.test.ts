import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { readyGlovebox } from '../support/base-box.ts'
import { assertControls, assertVerdict, examineWith, LEAKY, ours } from './support.ts'

before(async () => {
  await readyGlovebox()
})

test('without a machine there is none to ask', async () => {
  const ids = ['machine-device-list', 'machine-monitor-rights', 'machine-port-fuzz', 'machine-jail-files']
  for (const finding of (await examineWith(LEAKY, ids)).values()) assertVerdict(finding, 'not applicable')
})

test('uml: neither a broken guest nor a broken machine reaches a file of the host', async () => {
  const ids = ['machine-device-list', 'machine-host-files', 'machine-monitor-rights', 'machine-jail-files']
  const found = await examineWith(ours('uml'), ids)
  assert.equal(found.size, ids.length)
  for (const finding of found.values()) {
    assertVerdict(finding, 'held')
    assertControls(finding)
  }
})

test('vm: the machine has no device, port or firmware file too many', async () => {
  const ids = ['machine-device-list', 'machine-firmware-files', 'machine-backdoor-port', 'machine-nested']
  const found = await examineWith(ours('vm'), ids)
  assert.equal(found.size, ids.length)
  for (const finding of found.values()) {
    assertVerdict(finding, 'held')
    assertControls(finding)
  }
})

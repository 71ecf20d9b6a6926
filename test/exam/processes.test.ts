import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { fewestWrong } from '../../src/exam/catalogue/identity/covert.ts'
import type { Finding } from '../../src/exam/result-types.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { assertControls, assertVerdict, examineWith, LEAKY, ours, probesOf } from './support.ts'

/* Processes, terminals and identity: what is open without a sandbox is found there, and what a box keeps is held beside controls. */

before(async () => {
  await readyGlovebox()
})

const isRoot = process.getuid?.() === 0
/** What a container shares with its host by its nature: one kernel, one processor (docs/threat-model.md). */
const SHARED = ['boot-id', 'kernel-version', 'processor', 'uptime', 'interrupts', 'load', 'covert-load'].map(
  (name) => `identity-${name}`,
)
/** Only a virtual console can be pasted into; and many a machine tells no numbers of its hardware. */
const ELSEWHERE = [
  'terminal-paste-console',
  ...['board', 'pci', 'disks', 'disk-serials'].map((name) => `identity-${name}`),
]
/** Heard among the work of others, of which a machine that runs tests has much: it is not insisted on. */
const NOISY = ['identity-covert-processor']
/** Planting these, or the deed itself, takes root. */
const OF_ROOT = ['identity-host-name', 'identity-network-card', 'identity-mounts', 'identity-clock']

const isOpen = (finding: Finding | undefined): boolean =>
  finding !== undefined &&
  (NOISY.includes(finding.probe) || (ELSEWHERE.includes(finding.probe) && finding.verdict === 'moot'))

for (const asset of ['processes', 'terminal', 'identity']) {
  test(`${asset}: without a sandbox every probe is a breach`, async () => {
    const findings = await examineWith(LEAKY, [asset])
    for (const { id } of probesOf(asset)) {
      if (isOpen(findings.get(id)) || (!isRoot && OF_ROOT.includes(id))) continue
      assertVerdict(findings.get(id), 'breach')
    }
  })

  test(`${asset}: a container holds, beside controls that show each hole, but for what it shares by its nature`, async () => {
    const findings = await examineWith(ours('container'), [asset])
    for (const { id } of probesOf(asset)) {
      if (isOpen(findings.get(id)) || (!isRoot && OF_ROOT.includes(id))) continue
      const finding = findings.get(id)
      const wanted = SHARED.includes(id) ? 'breach' : id === 'terminal-escape-sequences' ? 'granted' : 'held'
      assertVerdict(finding, wanted)
      assertControls(finding)
    }
  })
}

test('the evidence of other people’s command lines and variables is never more than the nonce', async () => {
  const token = 'a-token-of-the-user'
  process.env['GLOVEBOX_TEST_TOKEN'] = token
  try {
    const probes = ['processes-environment', 'processes-command-lines', 'identity-variables']
    const findings = await examineWith(LEAKY, probes)
    assert.equal(findings.size, 3)
    assert.ok(!JSON.stringify([...findings.values()]).includes(token))
  } finally {
    delete process.env['GLOVEBOX_TEST_TOKEN']
  }
})

test('bits are found in samples wherever they begin, and other bits are not', () => {
  const bits = '10110010011101000101101000110110'
  const other = '01101001110100111000110101101001'
  const quiet = [3, 4, 3, 5, 4, 3, 4]
  const halves = [...bits].flatMap((bit) => (bit === '1' ? [9, 1] : [1, 9]))
  const samples = [...quiet, ...halves.flatMap((value) => Array.from({ length: 3 }, () => value)), ...quiet]
  assert.equal(fewestWrong(samples, bits, 1), 0)
  assert.ok(fewestWrong(samples, other, 1) > 4)
  assert.equal(fewestWrong([], bits, 1), bits.length)
})

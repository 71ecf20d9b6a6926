import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Marked, readLook } from '../../src/exam/catalogue/kernel/look.ts'
import { sightOf } from '../../src/exam/catalogue/kernel/sight.ts'
import { readyGlovebox } from '../support/base-box.ts'
import { assertControls, assertVerdict, examineWith, LEAKY, NEVER, ours } from './support.ts'

/** What every kernel that Glovebox is tested on has, for root and for others. */
const EVERYWHERE = [
  ...['kernel-userfaultfd', 'kernel-fanotify', 'kernel-user-namespace', 'kernel-packet-socket'],
  ...['kernel-mount-context', 'kernel-dirty-number'],
]
const ANSWER = { text: 'marked\nmade io_uring\nholding\n', end: 0 }
const nothing = (): undefined => undefined
const seen: Marked = {
  ...{ pid: 1, realUid: 0, effectiveUid: 0, spaces: new Map(), descriptors: [], table: false, seen: true },
}

await readyGlovebox()

test('without a sandbox every kernel object is seen on the host, or the machine has no such thing', async () => {
  const findings = await examineWith(LEAKY, ['kernel'])
  assert.ok(findings.size > 30)
  for (const finding of findings.values()) {
    if (finding.verdict === 'moot') assert.notEqual(finding.controls?.bare.state, 'reached', finding.probe)
    else {
      assertVerdict(finding, 'breach')
      assertControls(finding)
    }
  }
  for (const id of EVERYWHERE) assertVerdict(findings.get(id), 'breach')
})

test('a container of ours makes no object of the host kernel', async () => {
  const findings = await examineWith(ours('container'), ['kernel'])
  for (const { probe, verdict, reason } of findings.values()) {
    // An ordinary user may not look into the process that tries it, and the exam then says that it is blind.
    const blind = probe === 'kernel-nftables' && process.getuid?.() !== 0 ? ['inconclusive'] : []
    assert.ok(['held', 'moot', ...blind].includes(verdict), `${probe}: ${verdict} ${reason}`)
  }
  for (const id of EVERYWHERE) assertVerdict(findings.get(id), 'held')
})

test('what a User-Mode Linux makes in its own kernel is none of the host', async () => {
  const findings = await examineWith(ours('uml'), EVERYWHERE)
  for (const id of EVERYWHERE) assertVerdict(findings.get(id), 'held')
})

test('a sandbox that never starts says nothing about the kernel', async () => {
  for (const finding of (await examineWith(NEVER, EVERYWHERE)).values())
    assertVerdict(finding, 'inconclusive')
})

test('an object is reached by what the host sees, whatever the inside says', () => {
  const sight = sightOf(
    { seesAll: true, marked: [seen] },
    { text: 'marked\nerrno 1\nholding\n', end: 0 },
    () => 'it',
  )
  assert.deepEqual(sight, { reached: true, evidence: 'it' })
})

test('a process whose descriptors may not be read leaves the exam blind', () => {
  const sight = sightOf({ seesAll: true, marked: [seen, { ...seen, seen: false }] }, ANSWER, nothing)
  assert.equal(sight.blind, true)
})

test('a process that is not found is none of the host only where the host sees every process', () => {
  assert.equal(sightOf({ seesAll: false, marked: [] }, ANSWER, nothing).blind, true)
  const own = sightOf({ seesAll: true, marked: [] }, ANSWER, nothing)
  assert.deepEqual([own.reached, own.blind, own.failed], [false, undefined, undefined])
})

test('an inside that could not mark itself has not tried', () => {
  assert.equal(sightOf({ seesAll: true, marked: [] }, { text: 'errno 1\n', end: 1 }, nothing).failed, true)
})

test('what the look tells is read process by process', () => {
  const text =
    'all\nprocess 7 1000 0\nfd 777 pipe:[1] - -\nfd 3 /dev/kvm - c10:232\nspace user user:[9]\nprocess 8 0 0\nunseen\n'
  const { seesAll, marked } = readLook(text)
  assert.equal(seesAll, true)
  assert.deepEqual(
    marked.map(({ pid, seen, effectiveUid }) => [pid, seen, effectiveUid]),
    [
      [7, true, 0],
      [8, false, 0],
    ],
  )
  assert.deepEqual(marked[0]?.descriptors[1], { link: '/dev/kvm', protocol: '-', device: 'c10:232' })
})

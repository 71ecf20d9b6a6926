import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeTools, type ToolsSurvey } from '../../src/box/tools-findings.ts'
import { GloveboxError } from '../../src/errors.ts'
import type { ToolsFacts } from '../../src/image/tools-facts.ts'
import type { Digest } from '../../src/image/types.ts'

const facts: ToolsFacts = {
  digest: `sha256:${'a'.repeat(64)}` as Digest,
  builtAt: '2026-11-20T00:00:00.000Z',
  packagesAsOf: '2026-11-20T02:00:00Z',
  programs: (['qemu', 'kernel', 'uml', 'runsc'] as const).map((what) => ({
    ...{ what, package: what, version: `1.${what}` },
  })),
}
const SOUND: ToolsSurvey = {
  facts,
  gvisor: { name: 'runsc', path: '/store/runsc', version: '1.0', platform: 'systrap' },
  pending: [],
  now: new Date('2026-11-23T12:00:00Z'),
}
const update = { name: 'qemu-system-x86', version: '1', candidate: '2', security: false }

test('a sound tools image has good findings only, with every version and its age', () => {
  const findings = judgeTools(SOUND)
  assert.ok(findings.every(({ level }) => level === 'ok'))
  const words = findings.map(({ says }) => says).join('\n')
  for (const { version } of facts.programs) assert.ok(words.includes(version), version)
  assert.match(words, /2026-11-20, 3 days ago/)
})

test('before it is built, or without a question to the mirror, nothing is claimed of updates', () => {
  const [one, ...more] = judgeTools({ ...SOUND, facts: undefined })
  assert.ok(one?.level === 'ok' && more.length === 0)
  assert.match(one.says, /glovebox tools update/)
  assert.ok(!judgeTools({ ...SOUND, pending: undefined }).some(({ id }) => id === 'tools-updates'))
})

const cases: readonly [claim: string, change: Partial<ToolsSurvey>, id: string, says: RegExp][] = [
  ['an old one', { now: new Date('2027-01-20T00:00:00Z') }, 'tools-age', /60 days ago: security updates may/],
  ['one without a date', { facts: { ...facts, packagesAsOf: undefined } }, 'tools-age', /not known/],
  [
    'one without runsc',
    { facts: { ...facts, programs: facts.programs.slice(0, 3) } },
    'tools-runsc',
    /gVisor/,
  ],
  ['updates', { pending: [update] }, 'tools-updates', /none for security: qemu-system-x86 1 → 2/],
  [
    'security updates, which come first',
    { pending: [update, { ...update, name: 'runsc', security: true }] },
    'tools-updates',
    /lacks security updates: runsc/,
  ],
  [
    'gVisor by ptrace',
    { gvisor: { name: 'runsc', path: '', version: '1.0', platform: 'ptrace' } },
    'gvisor',
    /30 times/,
  ],
  [
    'gVisor that does not start',
    { gvisor: { name: 'runsc', path: '', version: '1.0' } },
    'gvisor',
    /neither/,
  ],
]
for (const [claim, change, id, says] of cases)
  test(`doctor sees ${claim}, and says what to do`, () => {
    const found = judgeTools({ ...SOUND, ...change }).find((one) => one.id === id)
    assert.equal(found?.level, 'advice')
    assert.match(found.says, says)
    assert.ok(found.remedy)
  })

test('what cannot be looked at is told with its own remedy, and the rest is told nevertheless', () => {
  const error = new GloveboxError({
    code: 'X',
    audience: 'host',
    message: 'No mirror.',
    remedy: 'Plug it in.',
  })
  const findings = judgeTools({ ...SOUND, pending: error, gvisor: error })
  for (const id of ['tools-updates', 'gvisor']) {
    const found = findings.find((one) => one.id === id)
    assert.deepEqual([found?.level, found?.says, found?.remedy], ['advice', 'No mirror.', 'Plug it in.'])
  }
  assert.ok(findings.some(({ id }) => id === 'tools-age'))
})

test('many updates are counted, not listed', () => {
  const pending = Array.from({ length: 9 }, (_one, at) => ({ ...update, name: `p${at}` }))
  const found = judgeTools({ ...SOUND, pending }).find(({ id }) => id === 'tools-updates')
  assert.match(found?.says ?? '', /p4 1 → 2 and 4 more/)
})

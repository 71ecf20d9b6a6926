import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gvisor } from '../../src/engine/gvisor.ts'
import { makePlan } from '../../src/plan/make.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { host, image, places } from '../support/plan.ts'

const seccomp = (grants: readonly 'user-namespaces'[] = []) => {
  const policy = { ...DEFAULT_POLICY, limits: {}, grants }
  const plan = makePlan({ policy }, image, host, { ...places, engine: 'gvisor', runtimes: ['runsc'] })
  return gvisor.bundle(plan).linux.seccomp
}
const refused = (filter: ReturnType<typeof seccomp>): readonly string[] =>
  filter?.syscalls.flatMap(({ names }) => names) ?? []

test('the filter of gVisor refuses by name and lets its kernel answer what it does not know', () => {
  const filter = seccomp()
  assert.equal(filter?.defaultAction, 'SCMP_ACT_ALLOW')
  assert.ok(filter.syscalls.every(({ action }) => action === 'SCMP_ACT_ERRNO'))
  for (const name of ['bpf', 'keyctl', 'mount', 'unshare', 'clone', 'socket'])
    assert.ok(refused(filter).includes(name), name)
  for (const name of ['pselect6', 'clone3', 'fchmodat2']) assert.ok(!refused(filter).includes(name), name)
})

test('every namespace flag of clone is refused, and none where namespaces are granted', () => {
  const flags = seccomp()?.syscalls.flatMap(({ names, args }) =>
    names.includes('clone') ? (args ?? []).map(({ value }) => value) : [],
  )
  assert.equal(
    flags?.reduce((sum, flag) => sum + flag, 0),
    0x7e020000,
  )
  assert.ok(!refused(seccomp(['user-namespaces'])).includes('clone'))
  assert.ok(!refused(seccomp(['user-namespaces'])).includes('unshare'))
})

test('with a network the first process sets the buffers as root of that kernel, and becomes the user', () => {
  const plan = makePlan({ policy: DEFAULT_POLICY }, image, host, {
    ...places,
    engine: 'gvisor',
    runtimes: ['runsc'],
  })
  const facts = { families: [4, 6] as const, hostAddresses: [], lanRanges: [], segments: [] }
  const network = { facts, tools: { pasta: 'pasta', nft: 'nft', ip: 'ip' }, link: 'veth' as const }
  const alone = gvisor.bundle(plan).process
  assert.equal(alone.user.uid, 1000)
  assert.deepEqual(alone.capabilities.bounding, [])
  const open = gvisor.bundle({ ...plan, network }).process
  assert.deepEqual([open.user.uid, open.user.gid, open.user.additionalGids], [0, 0, []])
  assert.deepEqual(open.args.slice(1, 6), [
    'init',
    '--receive-buffers',
    '4194304',
    '--become',
    '1000:1000,29',
  ])
  assert.deepEqual(open.args.slice(6), alone.args.slice(2))
  assert.deepEqual(open.capabilities.inheritable, [])
  const root = { ...plan.process, user: { ...plan.process.user, uid: 0, gid: 0, groups: [] } }
  const ofRoot = gvisor.bundle({ ...plan, network, process: root }).process
  assert.ok(!ofRoot.args.includes('--become'))
  assert.deepEqual(ofRoot.capabilities.bounding, [])
})

test('limitations are told by the release of runsc', () => {
  const codes = (version: string): readonly string[] => gvisor.limitations(version).map(({ code }) => code)
  assert.ok(codes('0.0~20221219.0').includes('STATX_FLAGS'))
  assert.ok(!codes('20240729.0').includes('STATX_FLAGS'))
  assert.ok(!codes('unknown').includes('STATX_FLAGS'))
  assert.ok(codes('20240729.0').includes('NO_DEV_TTY'))
})

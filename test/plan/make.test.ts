import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { makePlan } from '../../src/plan/make.ts'
import type { BoxRequest } from '../../src/plan/types.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { CLOSED } from '../../src/policy/network-types.ts'
import type { Policy } from '../../src/policy/types.ts'
import { host, image, places } from '../support/plan.ts'

const plan = (request: BoxRequest = {}, policy: Policy = DEFAULT_POLICY, over: Partial<typeof host> = {}) =>
  makePlan({ ...request, policy }, image, { ...host, ...over }, places)
const refuses = (code: string) => (error: unknown) => error instanceof GloveboxError && error.code === code

test('the same request, image and host give the same plan, and it cannot be changed', () => {
  assert.deepEqual(plan(), plan())
  const made = plan()
  assert.throws(() => Object.assign(made.process.env, { LD_PRELOAD: '/evil.so' }), TypeError)
  assert.throws(() => (made.ids.uids as unknown[]).push({}), TypeError)
})

test('a plan is data: it survives JSON', () => {
  const made = plan({ command: ['true'] })
  assert.deepEqual(JSON.parse(JSON.stringify(made)), JSON.parse(JSON.stringify(plan({ command: ['true'] }))))
})

test('nothing of the caller’s environment is in a plan', () => {
  process.env['GLOVEBOX_TEST_SECRET'] = 'nonce-5f2c'
  try {
    assert.ok(!JSON.stringify(plan()).includes('nonce-5f2c'))
  } finally {
    delete process.env['GLOVEBOX_TEST_SECRET']
  }
})

test('the command is the caller’s, else the image’s; the user, home and groups are the image’s', () => {
  assert.deepEqual(plan().process.args, ['/bin/bash'])
  assert.deepEqual(plan({ command: ['id'] }).process.args, ['id'])
  const { user, cwd, env } = plan().process
  assert.deepEqual(
    [user.uid, user.gid, user.groups, cwd, env['HOME']],
    [1000, 1000, [29], '/home/user', '/home/user'],
  )
})

test('users are names, numbers or pairs that the image knows', () => {
  const user = (text: string) => plan({ user: text }).process.user
  assert.equal(user('root').uid, 0)
  assert.deepEqual([user('1000').name, user('1000').home], ['user', '/home/user'])
  assert.deepEqual([user('4242:29').uid, user('4242:29').gid], [4242, 29])
  assert.equal(user('root:audio').gid, 29)
  for (const bad of ['nobody-here', 'root:nogroup-here', '-1', '../root', 'user\nroot', '1:1:1'])
    assert.throws(() => user(bad), refuses('USER_UNKNOWN'), bad)
})

test('a host name is one that Linux takes', () => {
  for (const hostname of ['box', 'a', 'web-1.example', 'x'.repeat(64)])
    assert.equal(plan({ hostname }).box.hostname, hostname)
  for (const hostname of ['', 'a b', '-a', 'a-', 'a..b', 'x'.repeat(65), 'a\nb', 'a/b'])
    assert.throws(() => plan({ hostname }), refuses('BAD_HOSTNAME'), hostname)
})

test('a working folder is an absolute path; one of the image without its slash gets it', () => {
  assert.equal(plan({ workdir: '/srv' }).process.cwd, '/srv')
  for (const workdir of ['', 'srv', '../srv', '/a\0b'])
    assert.throws(() => plan({ workdir }), refuses('BAD_WORKDIR'), workdir)
  const other = { ...image, config: { ...image.config, workdir: 'srv' } }
  assert.equal(makePlan({ policy: DEFAULT_POLICY }, other, host, places).process.cwd, '/srv')
})

test('an environment name with "=" or a NUL byte is refused', () => {
  for (const env of [{ 'A=B': 'x' }, { '': 'x' }, { A: 'x\0y' }, { 'A\0': 'x' }])
    assert.throws(() => plan({ env: env as unknown as Record<string, string> }), refuses('BAD_ENVIRONMENT'))
})

test('a limit that the host cannot hold is an error that names the way on, unless it is waived by name', () => {
  const policy: Policy = { ...DEFAULT_POLICY, limits: { memoryBytes: 2 ** 29 } }
  assert.throws(
    () => plan({}, policy),
    (error: unknown) => {
      assert.ok(refuses('LIMIT_UNENFORCEABLE')(error))
      assert.match((error as GloveboxError).remedy ?? '', /--allow-unenforced memory/)
      return true
    },
  )
  assert.equal(plan({}, { ...policy, allowUnenforced: ['memory'] }).enforcement.memory, 'waived')
  assert.equal(
    plan({}, policy, { enforceable: { ...host.enforceable, memory: 'cgroup2' } }).enforcement.memory,
    'cgroup2',
  )
})

test('a kept box writes to the disk, where its size has no bound; a disposable one to memory of that size', () => {
  const policy: Policy = { ...DEFAULT_POLICY, limits: { diskBytes: 2 ** 20 }, allowUnenforced: [] }
  assert.deepEqual(plan({}, policy).storage.upper, { kind: 'tmpfs', sizeBytes: 2 ** 20 })
  assert.throws(() => plan({ keep: 'web' }, policy), refuses('LIMIT_UNENFORCEABLE'))
  assert.equal(plan({ keep: 'web' }).storage.upper.kind, 'disk')
  assert.equal(plan({}, DEFAULT_POLICY, { overlayOnTmpfs: false }).storage.upper.kind, 'disk')
})

test('open files are bounded by the policy or the host, whichever is less', () => {
  assert.equal(plan({}, { ...DEFAULT_POLICY, limits: { openFiles: 100 } }).policy.limits.openFiles, 100)
  assert.equal(plan({}, { ...DEFAULT_POLICY, limits: { openFiles: 10 ** 6 } }).policy.limits.openFiles, 4096)
})

test('without a runtime nothing is planned', () => {
  assert.throws(() => plan({}, DEFAULT_POLICY, { runtimes: {} }), refuses('RUNTIME_MISSING'))
})

const asking = { ...image, config: { ...image.config, asksNetwork: true } }
const networkOf = (policy: Policy, of: typeof image) => {
  const { policy: planned, notes } = makePlan({ policy }, of, host, places)
  return { network: planned.network, noted: notes.filter((note) => note.includes('internet')) }
}

test('an image that asks for the internet has it by default, and the plan says so', () => {
  const { network, noted } = networkOf(DEFAULT_POLICY, asking)
  assert.deepEqual(network, { ...CLOSED, internet: true })
  assert.deepEqual(noted, ['The image asks for the internet, and has it; --network none closes it.'])
})

test('an image that does not ask for a network has none by default', () => {
  assert.deepEqual(networkOf(DEFAULT_POLICY, image), { network: 'none', noted: [] })
})

test('what the user says of the network counts, and not what the image asks for', () => {
  const lan = { ...CLOSED, lan: 'segment' } as const
  for (const each of [image, asking])
    for (const network of ['none', lan] as const)
      assert.deepEqual(networkOf({ ...DEFAULT_POLICY, network }, each), { network, noted: [] })
})

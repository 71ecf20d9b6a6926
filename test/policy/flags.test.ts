import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { LIMIT_FLAGS, type PolicyFlags, policyFromFlags } from '../../src/policy/flags.ts'
import { LIMIT_KINDS } from '../../src/policy/limits.ts'
import { CLOSED, FROM_MACHINE } from '../../src/policy/network-types.ts'
import { LIMIT_NAMES, type Policy } from '../../src/policy/types.ts'
import { anyPolicy } from './any-policy.ts'
import { randomNumbers } from './random.ts'

test('without flags the policy is the default one: what the image asks for of the network, no grants, bounded', () => {
  const policy = policyFromFlags({})
  assert.deepEqual(policy, DEFAULT_POLICY)
  assert.equal(policy.network, 'image')
  assert.deepEqual(policy.grants, [])
  assert.deepEqual(policy.limits, { processes: 4096, openFiles: 65536, diskBytes: 2 ** 31 })
})

test('each flag sets its own limit and leaves the others', () => {
  const policy = policyFromFlags({
    memory: '512M',
    cpus: '1.5',
    processes: '64',
    openFiles: '128',
    disk: '1G',
    wall: '30s',
  })
  assert.deepEqual(policy.limits, {
    memoryBytes: 2 ** 29,
    cpus: 1.5,
    processes: 64,
    openFiles: 128,
    diskBytes: 2 ** 30,
    wallMs: 30_000,
  })
  assert.deepEqual(policyFromFlags({ cpus: '2' }).limits, { ...DEFAULT_POLICY.limits, cpus: 2 })
})

test('unlimited takes a bound away', () => {
  assert.deepEqual(policyFromFlags({ disk: 'unlimited', memory: 'unlimited' }).limits, {
    processes: 4096,
    openFiles: 65536,
  })
})

test('a limit that is asked for is not waived by the default, only by name', () => {
  assert.deepEqual(policyFromFlags({}).allowUnenforced, ['disk'])
  assert.deepEqual(policyFromFlags({ disk: '1G' }).allowUnenforced, [])
  assert.deepEqual(policyFromFlags({ disk: '1G', allowUnenforced: ['disk'] }).allowUnenforced, ['disk'])
})

test('grants and waivers are added once each', () => {
  const policy = policyFromFlags({
    grant: ['user-namespaces', 'user-namespaces'],
    allowUnenforced: ['memory', 'disk', 'memory'],
  })
  assert.deepEqual(policy.grants, ['user-namespaces'])
  assert.deepEqual(policy.allowUnenforced, ['disk', 'memory'])
})

test('published ports and a joined network come on top of what is open, and open nothing else', () => {
  const port = { transport: 'tcp', port: 8080, boxPort: 80, from: FROM_MACHINE } as const
  for (const base of ['none', 'image'] as const)
    assert.deepEqual(policyFromFlags({ network: base, publish: ['8080:80'], join: 'team' }).network, {
      ...CLOSED,
      publish: [port],
      join: 'team',
    })
  const open = { ...CLOSED, internet: true, join: 'other' }
  assert.deepEqual(policyFromFlags({ network: open, publish: ['8080:80'] }).network, {
    ...open,
    publish: [port],
  })
  assert.deepEqual(policyFromFlags({ network: open, join: 'team' }).network, { ...open, join: 'team' })
})

const REFUSED: readonly [flags: PolicyFlags, code: string, said: readonly string[]][] = [
  [
    { grant: ['user-namespace'] },
    'UNKNOWN_GRANT',
    ['--grant', 'Did you mean user-namespaces?', 'Choose from'],
  ],
  [{ grant: ['root'] }, 'UNKNOWN_GRANT', ['"root"', 'Choose from: user-namespaces']],
  [{ grant: ['__proto__'] }, 'UNKNOWN_GRANT', ['__proto__']],
  [{ grant: [''] }, 'UNKNOWN_GRANT', ['""']],
  [{ allowUnenforced: ['memroy'] }, 'UNKNOWN_LIMIT', ['Did you mean memory?', LIMIT_NAMES.join(', ')]],
  [{ allowUnenforced: ['open_files'] }, 'UNKNOWN_LIMIT', ['Did you mean open-files?']],
  [{ allowUnenforced: ['x'.repeat(100_000)] }, 'UNKNOWN_LIMIT', ['Choose from']],
  [{ memory: '1M' }, 'BAD_VALUE', ['--memory', 'the least is 6M', '--memory 512M']],
  [{ openFiles: '1' }, 'BAD_VALUE', ['--open-files', 'the least is 16']],
  [{ openFiles: '99999999' }, 'BAD_VALUE', ['the most is 1048576']],
  [{ processes: '0' }, 'BAD_VALUE', ['--processes', 'the least is 1']],
  [{ cpus: '0' }, 'BAD_VALUE', ['--cpus', 'the least is 0.01']],
  [{ wall: '0s' }, 'BAD_VALUE', ['--wall', 'the least is 1ms']],
  [{ wall: '25d' }, 'BAD_VALUE', ['--wall', 'the most is']],
  [{ disk: '' }, 'BAD_VALUE', ['--disk', '--disk 2G (or unlimited)']],
  [{ publish: ['0'] }, 'BAD_VALUE', ['--publish', '"0" is no port to publish', '--publish 8080:80']],
  [{ publish: ['8080', '8080:80'] }, 'NETWORK_CONFLICT', ['published twice']],
  [{ join: 'Team' }, 'BAD_VALUE', ['--join', '"Team"', '--join team']],
  [{ join: 'x'.repeat(100_000) }, 'BAD_VALUE', ['--join']],
]
for (const [flags, code, said] of REFUSED)
  test(`${JSON.stringify(flags).slice(0, 60)} is refused as ${code}`, () => {
    assert.throws(
      () => policyFromFlags(flags),
      (error) => {
        assert.ok(error instanceof GloveboxError)
        assert.equal(error.code, code)
        assert.equal(error.audience, 'usage')
        for (const words of said) assert.ok(`${error.message} ${error.remedy}`.includes(words), words)
        return error.message.length < 300
      },
    )
  })

/** The flags that ask for exactly this policy. */
function flagsOf(policy: Policy): PolicyFlags {
  const limits = LIMIT_NAMES.map((name) => {
    const value = policy.limits[LIMIT_KINDS[name].field]
    return [LIMIT_FLAGS[name], value === undefined ? 'unlimited' : LIMIT_KINDS[name].format(value)]
  })
  const { network, grants: grant, allowUnenforced } = policy
  return { ...Object.fromEntries(limits), network, grant, allowUnenforced }
}

test('every policy can be asked for by flags, and none changes its base', () => {
  const random = randomNumbers(2)
  for (let round = 0; round < 1000; round++) {
    const policy = anyPolicy(random)
    assert.deepEqual(policyFromFlags(flagsOf(policy)), policy)
    const before = structuredClone(policy)
    policyFromFlags(flagsOf(anyPolicy(random)), policy)
    assert.deepEqual(policy, before)
    assert.deepEqual(policyFromFlags({}, policy), policy)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CgroupFacts } from '../../src/host/cgroup-facts.ts'
import { atLeast, enforceable, type LimitFacts } from '../../src/host/limits.ts'

const NONE: CgroupFacts = { v2: undefined, systemd: undefined, v1: {} }
const ALL = ['memory', 'cpu', 'pids'] as const

const facts = (parts: Partial<LimitFacts>): LimitFacts => ({
  cgroups: NONE,
  kernel: [6, 12],
  overlayOnTmpfs: true,
  ...parts,
})

const rows: readonly [
  claim: string,
  facts: LimitFacts,
  means: Readonly<Record<string, string | undefined>>,
][] = [
  [
    'nothing but a kernel',
    facts({}),
    {
      memory: undefined,
      cpus: undefined,
      processes: 'rlimit',
      'open-files': 'rlimit',
      disk: 'tmpfs',
      wall: 'timer',
    },
  ],
  [
    'delegated cgroup v2',
    facts({ cgroups: { ...NONE, v2: { parent: '/x', controllers: ALL } } }),
    { memory: 'cgroup2', cpus: 'cgroup2', processes: 'rlimit' },
  ],
  [
    'a systemd session without the cpu controller',
    facts({ cgroups: { ...NONE, systemd: { user: true, controllers: ['memory', 'pids'] } } }),
    { memory: 'systemd-scope', cpus: undefined },
  ],
  [
    'v1 as root',
    facts({ cgroups: { ...NONE, v1: { memory: '/m', cpu: '/c' } } }),
    { memory: 'cgroup1', cpus: 'cgroup1' },
  ],
  [
    'v2 comes before v1, each for what it has',
    facts({
      cgroups: {
        v2: { parent: '/x', controllers: ['memory'] },
        systemd: undefined,
        v1: { memory: '/m', cpu: '/c' },
      },
    }),
    { memory: 'cgroup2', cpus: 'cgroup1' },
  ],
  [
    'a kernel that counts processes for the whole user: the rlimit bounds nothing',
    facts({ kernel: [5, 13] }),
    { processes: undefined },
  ],
  [
    'that kernel with the pids controller',
    facts({ kernel: [5, 10], cgroups: { ...NONE, v2: { parent: '/x', controllers: ALL } } }),
    { processes: 'cgroup2' },
  ],
  ['writes that go to the disk', facts({ overlayOnTmpfs: false }), { disk: undefined }],
]
for (const [claim, given, means] of rows)
  test(`limits with ${claim}`, () => {
    const found: Readonly<Record<string, string | undefined>> = enforceable(given)
    for (const [name, expected] of Object.entries(means)) assert.equal(found[name], expected, name)
  })

test('versions are compared by number', () => {
  assert.ok(atLeast([5, 14], [5, 14]))
  assert.ok(atLeast([6, 0], [5, 14]))
  assert.ok(!atLeast([5, 9], [5, 14]))
})

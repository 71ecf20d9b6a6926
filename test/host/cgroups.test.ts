import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type CgroupFacts,
  findParent,
  locate,
  parseCgroupMounts,
  parseOwnCgroups,
} from '../../src/host/cgroup-facts.ts'
import { cgroupsFor, makeCgroups, planCgroups, removeCgroups, scopeWords } from '../../src/host/cgroups.ts'

const MOUNTINFO = `22 29 0:20 / /sys rw,nosuid - sysfs sysfs rw
30 22 0:26 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
31 22 0:27 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
32 22 0:28 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct
`
const FACTS: CgroupFacts = {
  v2: { parent: '/cg2', controllers: ['memory'] },
  systemd: undefined,
  v1: { cpu: '/cg1/cpu', pids: '/cg1/pids' },
}

test('mounts of control groups are found among others, with their roots and controllers', () => {
  assert.deepEqual(
    parseCgroupMounts(MOUNTINFO).map(({ version, root, at, options }) => [version, root, at, options.at(-1)]),
    [
      [2, '/', '/sys/fs/cgroup/unified', 'nsdelegate'],
      [1, '/docker/abc', '/sys/fs/cgroup/memory', 'memory'],
      [1, '/', '/sys/fs/cgroup/cpu,cpuacct', 'cpuacct'],
    ],
  )
})

test('the own path is found by controller, joined ones too', () => {
  const own = parseOwnCgroups('5:cpu,cpuacct:/a/b\n4:name=systemd:/x\n0::/user.slice/with:colon\n')
  assert.equal(own.get('cpuacct'), '/a/b')
  assert.equal(own.get(''), '/user.slice/with:colon')
})

test('a path is located below what is mounted, and nowhere else', () => {
  const [, memory] = parseCgroupMounts(MOUNTINFO)
  assert.ok(memory)
  assert.equal(locate(memory, '/docker/abc/x'), '/sys/fs/cgroup/memory/x')
  assert.equal(locate(memory, '/docker/abcd'), undefined)
  assert.equal(locate(memory, '/../..'), undefined)
})

test('bounds become files, by the version that the plan names', () => {
  const groups = planCgroups(
    FACTS,
    { memory: 'cgroup2', cpus: 'cgroup1', processes: 'rlimit' },
    { memoryBytes: 2 ** 20, cpus: 1.5, processes: 10 },
    'b0x',
  )
  assert.deepEqual(
    groups.map(({ dir, settings }) => [dir, ...settings.map(({ file, value }) => `${file}=${value}`)]),
    [
      ['/cg2/glovebox-b0x', 'memory.max=1048576', 'memory.swap.max=0'],
      ['/cg1/cpu/glovebox-b0x', 'cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=150000'],
    ],
  )
})

test('what is waived or not asked for makes no group', () => {
  assert.deepEqual(planCgroups(FACTS, { memory: 'waived' }, { memoryBytes: 1 }, 'b'), [])
  assert.deepEqual(planCgroups(FACTS, { memory: 'cgroup2' }, {}, 'b'), [])
  assert.deepEqual(cgroupsFor('b', { processes: 5 }, { processes: 'rlimit' }), [])
})

test('a systemd scope gets its bounds as properties', () => {
  const words = scopeWords(
    'b0x',
    { memoryBytes: 4096, cpus: 0.5, processes: 7 },
    { memory: 'systemd-scope', cpus: 'systemd-scope', processes: 'rlimit' },
  )
  assert.ok(words.includes('--unit=glovebox-b0x'))
  for (const property of ['MemoryMax=4096', 'MemorySwapMax=0', 'CPUQuota=50%'])
    assert.ok(words.includes(property))
  assert.ok(!words.some((word) => word.startsWith('TasksMax')))
  assert.equal(words.at(-1), '--')
  assert.deepEqual(scopeWords('b', { memoryBytes: 1 }, { memory: 'cgroup2' }), [])
})

test('cgroups are made with their settings, or none of them is left', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'glovebox-cgroup-'))
  try {
    const [first, second] = [join(parent, 'first'), join(parent, 'second')]
    const settings = [
      { file: 'memory.max', value: '4096' },
      { file: 'memory.swap.max', value: '0', optional: true },
    ] as const
    makeCgroups([{ dir: first, settings }])
    assert.equal(readFileSync(join(first, 'memory.max'), 'utf8'), '4096')
    assert.ok(!existsSync(join(first, 'memory.swap.max')), 'what the kernel does not have is left out')
    rmSync(join(first, 'memory.max'))

    const impossible = { dir: join(parent, 'no', 'such'), settings: [] }
    assert.throws(() => makeCgroups([{ dir: second, settings: [] }, impossible]), { code: 'CGROUP_FAILED' })
    assert.ok(!existsSync(second))

    makeCgroups([{ dir: first, settings: [] }])
    assert.deepEqual(await removeCgroups([first, second]), [], 'one that is gone already is gone')
    assert.ok(!existsSync(first))
  } finally {
    rmSync(parent, { recursive: true })
  }
})

test('a delegated cgroup v2 is the nearest one around us that hands controllers on and may be moved into', () => {
  const at = mkdtempSync(join(tmpdir(), 'glovebox-cgroup-'))
  try {
    const parent = (): unknown => findParent({ version: 2, root: '/', at, options: [] }, '/user/session')
    const make = (path: string, controllers: string, procs: boolean): void => {
      mkdirSync(join(at, path), { recursive: true })
      writeFileSync(join(at, path, 'cgroup.subtree_control'), controllers)
      if (procs) writeFileSync(join(at, path, 'cgroup.procs'), '')
    }
    make('user/session', '', true)
    assert.equal(parent(), undefined, 'no controller is handed on')
    make('', 'memory pids hugetlb\n', false)
    assert.equal(parent(), undefined, 'without cgroup.procs nothing can be moved into it')
    make('user', 'memory cpu\n', true)
    assert.deepEqual(parent(), { parent: join(at, 'user'), controllers: ['memory', 'cpu'] })
    assert.equal(findParent({ version: 2, root: '/other', at, options: [] }, '/user/session'), undefined)
  } finally {
    rmSync(at, { recursive: true })
  }
})

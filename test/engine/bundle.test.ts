import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ociBundle } from '../../src/engine/bundle.ts'
import { ENGINES } from '../../src/engine/index.ts'
import { seccompFilter } from '../../src/engine/seccomp.ts'
import { makePlan } from '../../src/plan/make.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { host, image, machine, places } from '../support/plan.ts'

const plan = makePlan({ command: ['true'], policy: DEFAULT_POLICY }, image, host, places)
const machinePlan = makePlan({ command: ['true'], policy: DEFAULT_POLICY }, image, host, {
  ...places,
  machine,
})
const bundles = Object.values(ENGINES).map((engine) => ({
  engine: engine.name,
  bundle: engine.bundle(engine.machine === undefined ? plan : machinePlan),
}))

for (const { engine, bundle } of bundles) {
  test(`${engine}: no capability in any set, no new privileges, no core dumps`, () => {
    assert.deepEqual(Object.values(bundle.process.capabilities).flat(), [])
    assert.equal(Object.keys(bundle.process.capabilities).length, 5)
    assert.equal(bundle.process.noNewPrivileges, true)
    assert.ok(bundle.process.rlimits.some(({ type, hard }) => type === 'RLIMIT_CORE' && hard === 0))
  })

  test(`${engine}: every tmpfs has a size`, () => {
    const sized = bundle.mounts.filter(({ type }) => type === 'tmpfs')
    assert.ok(sized.length >= 4)
    for (const { destination, options } of sized)
      assert.ok(
        options.some((option) => /^size=\d+$/.test(option)),
        destination,
      )
  })

  test(`${engine}: no path of the host but the holder's own is mounted, and no sysfs`, () => {
    for (const { source, type } of bundle.mounts) {
      if (type === 'bind') assert.match(source, /^\/box\//)
      assert.notEqual(type, 'sysfs')
    }
  })

  test(`${engine}: pid, ipc, uts, mount and cgroup namespaces are the box's own`, () => {
    assert.deepEqual(bundle.linux.namespaces.map(({ type }) => type).sort(), [
      'cgroup',
      'ipc',
      'mount',
      'pid',
      'uts',
    ])
  })
}

const allowed = (grant: boolean): Map<string, number> => {
  const names = new Map<string, number>()
  for (const rule of seccompFilter(grant, 'x64').syscalls)
    if (rule.action === 'SCMP_ACT_ALLOW')
      for (const name of rule.names) names.set(name, rule.args?.length ?? 0)
  return names
}

test('the filter is an allow-list of the native architecture only', () => {
  const filter = seccompFilter(false, 'x64')
  assert.equal(filter.defaultAction, 'SCMP_ACT_ERRNO')
  assert.deepEqual(filter.architectures, ['SCMP_ARCH_X86_64'])
  assert.ok(allowed(false).size > 250)
})

test('what has led out of sandboxes before is not in it', () => {
  const names = allowed(false)
  for (const name of [
    'keyctl',
    'add_key',
    'request_key',
    'io_uring_setup',
    'userfaultfd',
    'bpf',
    'perf_event_open',
    'mount',
    'move_mount',
    'fsopen',
    'unshare',
    'setns',
    'clone3',
    'open_by_handle_at',
    'name_to_handle_at',
    'init_module',
    'kexec_load',
    'pivot_root',
    'chroot',
    'ptrace_never',
  ])
    assert.ok(!names.has(name), name)
})

test('clone and socket are allowed by their arguments only', () => {
  const names = allowed(false)
  assert.ok((names.get('clone') ?? 0) > 0)
  assert.ok((names.get('socket') ?? 0) > 0)
  assert.ok((names.get('personality') ?? 0) > 0)
})

test('the grant user-namespaces gives back what a browser’s own sandbox calls, and no more', () => {
  const [without, with_] = [allowed(false), allowed(true)]
  assert.deepEqual([...with_.keys()].filter((name) => !without.has(name)).sort(), [
    'chroot',
    'mount',
    'pivot_root',
    'umount2',
    'unshare',
  ])
  assert.equal(with_.get('clone'), 0)
})

test('an explicit refusal never names what is allowed', () => {
  for (const grant of [false, true]) {
    const names = allowed(grant)
    for (const rule of seccompFilter(grant, 'x64').syscalls)
      if (rule.action === 'SCMP_ACT_ERRNO') for (const name of rule.names) assert.ok(!names.has(name), name)
  }
})

test('process bounds by rlimit are in the bundle where the plan says rlimit', () => {
  const { rlimits } = ociBundle(plan).process
  assert.deepEqual(
    rlimits.find(({ type }) => type === 'RLIMIT_NPROC'),
    { type: 'RLIMIT_NPROC', hard: 4096, soft: 4096 },
  )
})

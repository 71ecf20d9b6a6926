import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launchWords } from '../../src/box/launch.ts'
import { ENGINES } from '../../src/engine/index.ts'
import { makePlan } from '../../src/plan/make.ts'
import type { EngineName } from '../../src/plan/types.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import type { Policy } from '../../src/policy/types.ts'
import { host, image, machine, places } from '../support/plan.ts'

const MACHINES = Object.values(ENGINES).filter((engine) => engine.machine !== undefined)
const launch = {
  stateDir: places.stateDir,
  journal: '/state/events.jsonl',
  programs: '/programs',
  guest: '/programs/guest',
  resolver: '/resolver',
  networks: '/run/networks',
  cgroups: [],
  logged: false,
  dieWithParent: false,
  kept: false,
}

function planOf(engine: EngineName, policy: Policy = DEFAULT_POLICY) {
  const request = { command: ['cat', '/etc/secret'], env: { TOKEN: 'in-the-environment' }, policy }
  return makePlan(request, image, host, { ...places, engine, machine })
}

test('there are engines that are virtual machines', () => assert.ok(MACHINES.length >= 2))

for (const engine of MACHINES) {
  test(`${engine.name}: the jail has the tools image for a root, and no layer of the box's image`, () => {
    const words = launchWords(planOf(engine.name), engine, launch)
    const lowers = words.filter((_word, at) => words[at - 1] === '--lower')
    assert.deepEqual(lowers, machine.tools.trees)
    assert.ok(!words.some((word) => image.trees.includes(word)))
  })

  test(`${engine.name}: the machine runs as nobody and can write to its own folder only`, () => {
    const bundle = engine.bundle(planOf(engine.name))
    assert.equal(bundle.process.user.uid, 65534)
    const writable = bundle.mounts.filter(({ type, options }) => type === 'bind' && !options.includes('ro'))
    assert.deepEqual(
      writable.map(({ destination }) => destination),
      ['/machine/write'],
    )
  })

  test(`${engine.name}: variables of the command are in no argument`, () => {
    const plan = planOf(engine.name)
    for (const process of [engine.bundle(plan).process, engine.process(plan, plan.process)]) {
      assert.ok(process.env.includes('TOKEN=in-the-environment'))
      assert.ok(!process.args.some((word) => word.includes('in-the-environment')))
    }
  })

  test(`${engine.name}: memory and disk are bounded by the size of the machine, on any host`, () => {
    const limits = { ...DEFAULT_POLICY.limits, memoryBytes: 256 * 2 ** 20, diskBytes: 100 * 2 ** 20 }
    const plan = planOf(engine.name, { ...DEFAULT_POLICY, limits })
    assert.equal(plan.enforcement.memory, 'machine')
    assert.equal(plan.enforcement.disk, 'machine')
    assert.equal(plan.machine?.memoryBytes, limits.memoryBytes)
    assert.equal(plan.machine?.diskBytes, limits.diskBytes)
  })
}

test('microvm: no firmware or bus that looks at the disks of a box', () => {
  const words = ENGINES.microvm.bundle(planOf('microvm')).process.args
  assert.equal(words[words.indexOf('-bios') + 1], '/usr/share/qemu/qboot.rom')
  assert.ok(!words.some((word) => /-pci|vmgenid/.test(word)))
  const pc = ENGINES.vm.bundle(planOf('vm')).process.args
  assert.ok(!pc.includes('-bios') && pc.some((word) => word.includes('-pci')), 'control')
})

test('microvm: the counter is trusted where it is the host’s, and left to the kernel under KVM', () => {
  const kernelWords = (accelerator: 'kvm' | 'tcg'): string => {
    const plan = makePlan({ command: ['true'], policy: DEFAULT_POLICY }, image, host, {
      ...places,
      engine: 'microvm',
      machine: { ...machine, accelerator },
    })
    const words = ENGINES.microvm.bundle(plan).process.args
    return words[words.indexOf('-append') + 1] ?? ''
  }
  assert.match(kernelWords('tcg'), / tsc=reliable/)
  assert.doesNotMatch(kernelWords('kvm'), /tsc=|no_timer_check/)
})

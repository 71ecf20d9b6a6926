import assert from 'node:assert/strict'
import { test } from 'node:test'
import { launchWords } from '../../src/box/launch.ts'
import { ENGINES } from '../../src/engine/index.ts'
import { makePlan } from '../../src/plan/make.ts'
import type { Accelerator } from '../../src/plan/types.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { host, image, machine, places } from '../support/plan.ts'

const launch = {
  stateDir: places.stateDir,
  journal: '/state/events.jsonl',
  guest: '/programs/guest',
  resolver: '/resolver',
  networks: '/run/networks',
  cgroups: [],
  logged: false,
  dieWithParent: false,
  kept: false,
}
const EMULATION = 'It is emulated.'

/** All words of a box: the holder's, the runtime's and those of the jail's process. */
function wordsOf(engine: (typeof ENGINES)[keyof typeof ENGINES], accelerator: Accelerator | undefined) {
  const parts =
    accelerator === undefined
      ? machine
      : { ...machine, accelerator, ...(accelerator === 'tcg' ? { emulation: EMULATION } : {}) }
  const request = { command: ['true'], policy: DEFAULT_POLICY }
  const plan = makePlan(request, image, host, { ...places, engine: engine.name, machine: parts })
  const bundle = engine.bundle(plan)
  return { plan, bundle, holder: launchWords(plan, engine, launch), jail: bundle.process.args }
}

const QEMU = Object.values(ENGINES).filter((engine) => engine.machine === 'cloud')
test('there is an engine of QEMU', () => assert.ok(QEMU.length > 0))

for (const engine of QEMU) {
  test(`${engine.name}: with KVM the jail gets its device, as one descriptor and in no other way`, () => {
    const { holder, jail, bundle } = wordsOf(engine, 'kvm')
    assert.deepEqual(holder.slice(holder.indexOf('--kvm'), holder.indexOf('--kvm') + 2), [
      '--kvm',
      '/dev/kvm',
    ])
    assert.deepEqual(holder.slice(holder.indexOf('--preserve-fds'), holder.indexOf('--preserve-fds') + 2), [
      '--preserve-fds',
      '1',
    ])
    /* guest/main.c keeps the descriptor only where it is the monitor's first word. */
    assert.deepEqual(jail.slice(1, 3), ['monitor', '--kvm'])
    assert.equal(jail[jail.indexOf('-accel') + 1], 'kvm,device=/dev/fdset/1')
    assert.equal(jail[jail.indexOf('-cpu') + 1], 'host,vmx=off,svm=off')
    assert.doesNotMatch(
      jail[jail.indexOf('-append') + 1] ?? '',
      /tsc_early_khz|no_timer_check/,
      'the clock is real',
    )
    assert.ok(!bundle.mounts.some(({ source }) => source.includes('kvm')))
  })

  for (const accelerator of ['tcg', undefined] as const)
    test(`${engine.name}: with ${accelerator ?? 'nothing said'} it gets no such thing`, () => {
      const { holder, jail } = wordsOf(engine, accelerator)
      assert.ok(!holder.includes('--kvm') && !holder.includes('--preserve-fds') && !jail.includes('--kvm'))
      assert.ok(!jail.some((word) => word.includes('kvm')))
      assert.match(jail[jail.indexOf('-accel') + 1] ?? '', /^tcg/)
      assert.match(jail[jail.indexOf('-append') + 1] ?? '', /tsc_early_khz/)
    })

  test(`${engine.name}: the plan notes that it is emulated, and nothing where it is not`, () => {
    assert.ok(wordsOf(engine, 'tcg').plan.notes.includes(EMULATION))
    assert.ok(!wordsOf(engine, 'kvm').plan.notes.includes(EMULATION))
  })
}

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { askKvm, clearTrial, isTold, type KvmTrial } from '../../src/box/kvm.ts'
import { type KvmAnswer, type KvmTrialEnd, trialFolder } from '../../src/box/kvm-answer.ts'
import { emulationNote, judgeKvm, whyEmulated } from '../../src/box/kvm-words.ts'
import { lookAtKvm, processorWords } from '../../src/host/kvm.ts'
import { choosePaths, openPaths } from '../../src/host/paths.ts'
import { identityOf } from '../../src/host/process-identity.ts'

/*
 * The decisions, with a stand-in for the guest that is booted: no machine of ours has a KVM that works. What boots is
 * tried for real in kvm-trial.test.ts. /dev/null stands for a device that opens.
 */

function scratch(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-kvm-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return folder
}

interface StandIn extends KvmTrial {
  readonly boots: () => number
}

function standIn(end: KvmTrialEnd, more: Partial<KvmTrial> = {}): StandIn {
  let boots = 0
  const boot = async (): Promise<KvmTrialEnd> => {
    boots++
    return end
  }
  return { device: '/dev/null', machine: () => 'one', boot, boots: () => boots, ...more }
}

test('without the device, or the right to open it, nothing is booted and nothing is remembered', async (context) => {
  const folder = scratch(context)
  const missing = standIn({ kind: 'works' }, { device: join(folder, 'none') })
  assert.deepEqual(await askKvm(folder, missing), { kind: 'missing' })
  assert.equal(missing.boots(), 0)
  assert.deepEqual(readdirSync(folder), [])
})

test('a device that may not be opened is told from one that is not there', (context) => {
  const path = join(scratch(context), 'device')
  writeFileSync(path, '')
  chmodSync(path, 0)
  /* Root may open everything: here it asks as nobody. */
  const isRoot = process.getuid?.() === 0
  if (isRoot) {
    chmodSync(join(path, '..'), 0o755)
    process.seteuid?.(65534)
  }
  try {
    assert.deepEqual(lookAtKvm(path), { state: 'forbidden', group: undefined })
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
  assert.deepEqual(lookAtKvm(`${path}.none`), { state: 'missing' })
  assert.deepEqual(lookAtKvm('/dev/null'), { state: 'there' }, 'control')
})

for (const end of [{ kind: 'works' }, { kind: 'hangs' }, { kind: 'aborts', words: 'qemu: no' }] as const)
  test(`the answer that it ${end.kind} is remembered, for this machine`, async (context) => {
    const folder = scratch(context)
    const first = standIn(end)
    assert.deepEqual(await askKvm(folder, first), end)
    assert.deepEqual(await askKvm(folder, first), end)
    assert.equal(first.boots(), 1)
    const other = standIn({ kind: 'works' }, { machine: () => 'another kernel, QEMU or processor' })
    assert.deepEqual(await askKvm(folder, other), { kind: 'works' })
    assert.equal(other.boots(), 1)
  })

test('doctor --again boots once more, and its answer is the one that counts', async (context) => {
  const folder = scratch(context)
  await askKvm(folder, standIn({ kind: 'hangs' }))
  assert.deepEqual(await askKvm(folder, standIn({ kind: 'works' }, { again: true })), { kind: 'works' })
  assert.deepEqual(await askKvm(folder, standIn({ kind: 'hangs' })), { kind: 'works' })
})

test('a jail that did not start says nothing of KVM, and is tried again', async (context) => {
  const folder = scratch(context)
  assert.equal((await askKvm(folder, standIn({ kind: 'untried', words: 'no room' }))).kind, 'untried')
  assert.deepEqual(await askKvm(folder, standIn({ kind: 'works' })), { kind: 'works' })
})

test('a memory that is damaged or of another form is none: it never gives KVM to a jail', async (context) => {
  const folder = scratch(context)
  const works = JSON.stringify({ version: 2, machine: 'one', end: { kind: 'works' }, triedAt: '' })
  for (const text of ['', '{', 'null', '[]', '{"version":1,"machine":"one"}', works]) {
    writeFileSync(join(folder, 'kvm.json'), text)
    const trial = standIn({ kind: 'hangs' })
    assert.deepEqual(await askKvm(folder, trial), { kind: 'hangs' }, text)
    assert.equal(trial.boots(), 1, text)
  }
})

test('many starts at once boot one guest', async (context) => {
  const folder = scratch(context)
  const trial = standIn({ kind: 'works' })
  const answers = await Promise.all(Array.from({ length: 8 }, () => askKvm(folder, trial)))
  assert.ok(answers.every(({ kind }) => kind === 'works'))
  assert.equal(trial.boots(), 1)
})

test('so do many processes, and one that is killed at it stops nobody', async (context) => {
  const folder = scratch(context)
  const module = fileURLToPath(new URL('../../src/box/kvm.ts', import.meta.url))
  const script = (stays: boolean): string => `import { appendFileSync } from 'node:fs'
    import { askKvm } from ${JSON.stringify(module)}
    const boot = async () => {
      appendFileSync(${JSON.stringify(join(folder, 'boots'))}, 'x')
      console.log('boots')
      ${stays ? 'await new Promise(() => setInterval(() => {}, 1000))' : ''}
      return { kind: 'works' }
    }
    await askKvm(${JSON.stringify(folder)}, { device: '/dev/null', machine: () => 'one', boot })`
  const start = (stays: boolean) =>
    spawn(process.execPath, ['--input-type=module', '-e', script(stays)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  const killed = start(true)
  await new Promise((resolve) => killed.stdout.once('data', resolve))
  const others = Array.from({ length: 3 }, () => start(false))
  const ends = others.map((one) => new Promise((resolve) => one.once('close', resolve)))
  killed.kill('SIGKILL')
  assert.deepEqual(await Promise.all(ends), [0, 0, 0])
  assert.equal(readFileSync(join(folder, 'boots'), 'utf8'), 'xx', 'the one that was killed, and one more')
  assert.ok(!existsSync(join(folder, 'kvm.lock')))
})

test('gc clears up after a trial that was killed, and leaves one at work alone', async (context) => {
  const root = scratch(context)
  const env = { XDG_DATA_HOME: root, XDG_STATE_HOME: root, XDG_CACHE_HOME: root, XDG_RUNTIME_DIR: root }
  const uid = process.getuid?.() ?? 0
  const paths = choosePaths({ env, uid, ownerOf: () => uid })
  openPaths(paths)
  const rest = join(trialFolder(paths), 'boxes')
  const lock = join(paths.state, 'kvm.lock')
  mkdirSync(rest, { recursive: true })
  writeFileSync(lock, JSON.stringify(identityOf(process.pid)))
  await clearTrial(paths)
  assert.ok(existsSync(rest), 'its owner lives')
  writeFileSync(lock, JSON.stringify({ ...identityOf(process.pid), startTime: '1' }))
  await clearTrial(paths)
  assert.ok(!existsSync(trialFolder(paths)) && !existsSync(lock))
})

test('a notice is given once, and again when there is something else to say', (context) => {
  const folder = scratch(context)
  assert.deepEqual(
    ['a', 'a', 'b', 'b', 'a'].map((words) => isTold(folder, words)),
    [false, true, false, true, false],
  )
})

const answers: readonly KvmAnswer[] = [
  { kind: 'missing' },
  { kind: 'forbidden', group: 'kvm' },
  { kind: 'forbidden', group: undefined },
  { kind: 'hangs' },
  { kind: 'aborts', words: 'qemu-system-x86_64: error: failed to set MSR 0x10a to 0x0' },
  { kind: 'untried', words: 'no room' },
]
test('each way in which KVM does not work has words and a remedy of its own', () => {
  const findings = answers.map((answer) => judgeKvm(answer, 'me'))
  for (const { level, says, remedy } of findings) {
    assert.equal(level, 'advice', 'boxes run nevertheless')
    assert.match(says, /TCG.*slower.*no security boundary/)
    assert.ok(remedy)
  }
  assert.equal(new Set(findings.map(({ remedy }) => remedy)).size, answers.length)
  assert.match(findings[1]?.remedy ?? '', /usermod -aG kvm me/)
  assert.match(findings[4]?.says ?? '', /MSR 0x10a/)
  assert.equal(judgeKvm({ kind: 'works' }, 'me').level, 'ok')
  assert.match(emulationNote(whyEmulated({ kind: 'missing' })), /no \/dev\/kvm/)
})

test('what decides is read of the first processor, whatever /proc/cpuinfo holds', () => {
  const one =
    'processor\t: 0\nvendor_id\t: GenuineIntel\nmicrocode\t: 0x1\nflags\t\t: fpu vmx hypervisor\n\nvendor_id: other'
  assert.deepEqual(
    processorWords(one).filter((word) => word !== ''),
    ['GenuineIntel', '0x1', 'hypervisor', 'vmx'],
  )
  assert.notDeepEqual(processorWords(one), processorWords(one.replace('0x1', '0x2')))
  for (const text of ['', '\n\n', ':', 'flags', '\0:\0', 'a'.repeat(10_000)]) processorWords(text)
})

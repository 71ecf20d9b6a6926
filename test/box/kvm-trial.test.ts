import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openContext } from '../../src/box/context.ts'
import { bootTrial } from '../../src/box/kvm-trial.ts'
import { jobWords } from '../../src/host/holder.ts'
import { lookAtKvm } from '../../src/host/kvm.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'
import { ensureTools } from '../../src/image/tools-image.ts'
import type { ResolvedImage } from '../../src/image/types.ts'
import { cli, readyGlovebox } from '../support/base-box.ts'

/* The guest that is booted to try KVM, in its real jail. Under emulation it is the same guest, so its words can be seen. */

await readyGlovebox()
/* Its places are this test's own, so that what it leaves could be seen. */
const runtime = mkdtempSync(join(currentPaths().state, 'kvm-trial-'))
after(() => rmSync(runtime, { recursive: true, force: true }))
const context = openContext({ ...currentPaths(), runtime })
const tools = await ensureTools({ ...context, places: context.store, limits: ARCHIVE_LIMITS })

/** The tools image with another QEMU in front of its own. */
function withQemu(name: string, script: string): ResolvedImage {
  const tree = join(runtime, name)
  mkdirSync(join(tree, 'usr/bin'), { recursive: true })
  for (const path of [runtime, tree, join(tree, 'usr'), join(tree, 'usr/bin')]) chmodSync(path, 0o755)
  writeFileSync(join(tree, 'usr/bin/qemu-system-x86_64'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  chmodSync(join(tree, 'usr/bin/qemu-system-x86_64'), 0o755)
  return { ...tools, trees: [tree, ...tools.trees] }
}

/** Nothing of a trial runs any more, and it has left no file. */
function assertGone(): void {
  const running = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(runtime)
    } catch {
      return false
    }
  })
  assert.deepEqual(running, [])
  assert.ok(!existsSync(join(runtime, 'trial')))
}

test('the guest of the trial comes up, and leaves nothing behind', async () => {
  assert.deepEqual(await bootTrial(context, tools, 'tcg', undefined, 120_000), { kind: 'works' })
  assertGone()
})

test('one that is not up at its deadline is killed with all of it', async () => {
  const stuck = withQemu('stuck', 'exec sleep 1000')
  assert.deepEqual(await bootTrial(context, stuck, 'tcg', undefined, 1500), { kind: 'hangs' })
  assertGone()
})

test('a trial that is broken off is no answer, and leaves nothing either', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  /* The supervisor says when it has begun. */
  const started = join(runtime, 'trial/boxes')
  const watcher = watch(runtime, { recursive: true }, (_event, name) => {
    if (name?.endsWith('/supervisor') && existsSync(started)) stop.abort(reason)
  })
  const stuck = withQemu('stuck-too', 'exec sleep 1000')
  await assert.rejects(bootTrial(context, stuck, 'tcg', stop.signal, 60_000), reason)
  watcher.close()
  assertGone()
})

test('a QEMU that ends is told by its last words, which cannot speak to a terminal', async () => {
  const words = 'qemu-system-x86_64: error: failed to set MSR 0x10a to 0x0'
  const broken = withQemu('broken', `echo '${words}' >&2; kill -ABRT $$`)
  assert.deepEqual(await bootTrial(context, broken, 'tcg', undefined, 60_000), { kind: 'aborts', words })
  const held = withQemu(
    'held',
    `echo 'qemu-system-x86_64: failed to initialize kvm: Device or resource busy' >&2; exit 1`,
  )
  assert.equal(
    (await bootTrial(context, held, 'tcg', undefined, 60_000)).kind,
    'untried',
    'another day it may work',
  )
  const rude = withQemu('rude', `printf 'qemu: \\033[2J%0900d' 1 >&2; exit 1`)
  const end = await bootTrial(context, rude, 'tcg', undefined, 60_000)
  assert.ok(end.kind === 'aborts' && end.words.length <= 200 && !end.words.includes('\x1b'))
  assertGone()
})

test('QEMU finds the device as descriptor 3 of its own, and only with KVM', async () => {
  const names =
    'readlink /proc/$$/fd/3 > /tmp/fd || echo nothing > /tmp/fd; read name < /tmp/fd; echo "qemu: $name"; exit 1'
  const asks = withQemu('asks', names)
  assert.deepEqual(await bootTrial(context, asks, 'tcg', undefined, 60_000), {
    kind: 'aborts',
    words: 'qemu: nothing',
  })
  const found = await bootTrial(context, asks, 'kvm', undefined, 60_000)
  if (lookAtKvm().state === 'there') assert.deepEqual(found, { kind: 'aborts', words: 'qemu: /dev/kvm' })
  else assert.equal(found.kind, 'untried', 'no jail is started with a device that cannot be opened')
  assertGone()
})

test('the device goes in as a descriptor, opened by the user; no other file does so', () => {
  const job = { ids: context.ids, mounts: [], network: 'none', env: {}, argv: ['/bin/true'] } as const
  const [run = '', ...words] = jobWords({ ...job, argv: ['/bin/ls', '-l', '/proc/self/fd/3'] })
  const hold = (device: string): { readonly out: string; readonly err: string } => {
    const done = spawnSync(context.holder, [run, '--kvm', device, ...words], { encoding: 'utf8' })
    return { out: done.stdout, err: done.stderr }
  }
  assert.match(hold('/dev/null').err, /it is not the device of KVM/)
  assert.match(hold('/etc/passwd').err, /Cannot open|not the device of KVM/)
  const { out, err } = hold('/dev/kvm')
  if (lookAtKvm().state === 'there') assert.match(out, /-> \/dev\/kvm\n$/)
  else assert.match(err, /Cannot open \/dev\/kvm/)
})

test('a start says once that the processor is emulated, and the plan says it each time', () => {
  const state = mkdtempSync(join(runtime, 'state-'))
  const env = { XDG_STATE_HOME: state }
  const answer = lookAtKvm().state
  const ask = (...more: string[]): ReturnType<typeof cli> =>
    cli(['run', '--engine', 'vm', ...more, '--', 'true'], { env })
  const [first, second] = [ask('--wall', '2m'), ask('--dry-run', '--json')]
  assert.equal(first.code, 0, first.err)
  const { plan } = JSON.parse(second.out) as {
    plan: { notes: string[]; machine: { accelerator: string } }
  }
  const isEmulated = plan.machine.accelerator === 'tcg'
  assert.equal(
    plan.notes.some((note) => /TCG.*no security boundary/.test(note)),
    isEmulated,
  )
  assert.equal(/^glovebox: .*\(TCG\).*no security boundary/m.test(first.err), isEmulated, first.err)
  assert.doesNotMatch(ask('--wall', '2m').err, /TCG/)
  assert.equal(
    existsSync(join(state, 'glovebox/kvm.json')),
    answer === 'there',
    'what was tried is remembered',
  )
  if (answer === 'there') assert.match(first.err, /kvm/i)
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { dryRun } from '../../src/box/boxes.ts'
import { openContext } from '../../src/box/context.ts'
import { examFolders } from '../../src/exam/folders.ts'
import { barePlace, boxPlace } from '../../src/exam/place.ts'
import { Session } from '../../src/exam/session.ts'
import { openStage, type Stage } from '../../src/exam/stage.ts'
import { engineSubject, ownCommand } from '../../src/exam/subject.ts'
import type { Plan } from '../../src/plan/types.ts'
import { DEFAULT_POLICY } from '../../src/policy/default.ts'
import { measureCommand } from '../../src/price/command.ts'
import type { Rounds } from '../../src/price/rounds.ts'
import { readyGlovebox } from '../support/base-box.ts'

/* A command in a box that is real, and over the files of its image with no wall around it. */

const SUBJECT = engineSubject({
  ...{ engine: 'container', image: 'base', policy: DEFAULT_POLICY, policyOptions: [] },
  glovebox: ownCommand(),
})
const FEW: Rounds = { rounds: 2, runMs: 5 }
/** Of the box and the host alike. */
const START_MS = 60_000

const scratch = mkdtempSync(join(tmpdir(), 'price-command-test-'))
let stage: Stage
let plan: Plan
let bare: Session
let box: Session
before(async () => {
  await readyGlovebox()
  const context = openContext()
  const { guest } = context
  const { signal } = new AbortController()
  stage = openStage({
    journals: examFolders(context.paths.state).journals,
    guest,
    glovebox: ownCommand(),
    signal,
  })
  const { engine, image, policy } = SUBJECT
  ;({ plan } = await dryRun(context, { engine, image, policy, command: ['true'], terminal: false }))
  ;[bare, box] = await Promise.all([
    barePlace(stage.programs, SUBJECT).open(),
    boxPlace(stage.programs, SUBJECT).open(),
  ])
})
after(async () => {
  await Promise.all([bare?.end(), box?.end()])
  await stage?.[Symbol.asyncDispose]()
  rmSync(scratch, { recursive: true, force: true })
})

let roots = 0
/** The bare host with the image's files for a root. */
async function overImage(): Promise<Session & { readonly folder: string }> {
  const folder = join(stage.scene.folder, `root-${++roots}`)
  mkdirSync(folder)
  const session = await Session.start({
    argv: [stage.programs.guest, 'probe', 'price-root', folder, ...plan.image.trees],
    env: plan.process.env,
    startMs: START_MS,
  })
  return Object.assign(session, { folder })
}

const read = async (session: Session, path: string): Promise<string> =>
  (await session.ask('read', [path])).text

test('the files are the image’s, and none of the host’s is there', async () => {
  await using root = await overImage()
  const own = join(scratch, 'of-the-host')
  writeFileSync(own, 'mine')
  for (const path of [own, import.meta.filename]) {
    assert.doesNotMatch(await read(bare, path), /^errno/, 'the control: the program alone reads it')
    assert.match(await read(root, path), /^errno 2 /)
  }
  const tree = plan.image.trees.find((one) => existsSync(join(one, 'etc/passwd'))) ?? assert.fail()
  const words = readFileSync(join(tree, 'etc/passwd'), 'utf8')
  assert.equal((await read(root, '/etc/passwd')).trimEnd(), words.trimEnd())
  assert.equal(await read(root, '/etc/os-release'), await read(box, '/etc/os-release'))
})

test('the kernel, the devices and the processes are the host’s', async () => {
  await using root = await overImage()
  assert.equal((await read(root, '/proc/sys/kernel/osrelease')).trim(), release())
  const ours = `/proc/${process.pid}/comm`
  assert.equal(await read(root, ours), await read(bare, ours))
  assert.match(await read(box, ours), /^errno 2 /, 'the control: a box sees none of them')
  assert.doesNotMatch(await read(root, '/dev/urandom'), /^errno/)
})

test('what is written stays out of the image and off the disk, and goes with the program', async () => {
  const wrote = '/tmp/written-by-price'
  {
    await using root = await overImage()
    assert.deepEqual(await root.ask('file-create', ['words', wrote]), { text: '', end: 0 })
    assert.equal((await read(root, wrote)).trim(), 'words')
    for (const tree of plan.image.trees) assert.equal(existsSync(join(tree, wrote)), false, tree)
    assert.deepEqual(readdirSync(root.folder), [], 'it is mounted for that program alone')
    assert.equal(existsSync(wrote), false)
  }
  await using next = await overImage()
  assert.match(await read(next, wrote), /^errno 2 /)
})

test('an image that is not there, or has a name that would be two, is refused', async () => {
  const start = (...trees: string[]) =>
    Session.start({
      argv: [stage.programs.guest, 'probe', 'price-root', scratch, ...trees],
      startMs: START_MS,
    })
  await assert.rejects(start(join(scratch, 'none')), { name: 'SessionLost', message: /ended with 1/ })
  await assert.rejects(start(`${scratch}:${tmpdir()}`), { name: 'SessionLost', message: /ended with 1/ })
  await assert.rejects(start(), { name: 'SessionLost', message: /ended with 2/ })
})

test('a program is known by its file: the same on both sides, another one in another image', async () => {
  await using root = await overImage()
  const which = (session: Session, name: string) => session.ask('price-which', [name])
  const inBox = await which(box, 'sh')
  assert.match(inBox.text, /^hash [0-9a-f]{16}\n$/)
  assert.deepEqual(await which(root, 'sh'), inBox)
  assert.deepEqual(await which(root, '/bin/sh'), inBox, 'a path is taken as it is')
  assert.notEqual((await which(root, 'cat')).text, inBox.text)
})

test('a program that is missing, and what is no program, have no file', async () => {
  for (const name of ['no-such-program', '/no/such/program', '/etc/passwd', '/tmp', ''])
    for (const session of [bare, box]) {
      const { text, end } = await session.ask('price-which', [name])
      assert.match(`${end} ${text}`, /^1 errno 2 /, name)
    }
  assert.equal((await box.ask('price-which', [])).end, 2)
  assert.equal((await box.ask('price-which', ['sh', 'cat'])).end, 2)
})

const measure = (...words: string[]) => measureCommand(stage, plan, box, { words, trusted: true }, FEW)

test('the figure of a command has both sides, and a ratio', async () => {
  const { figure, warnings } = await measure('true')
  assert.deepEqual(warnings, [])
  assert.ok(figure.state === 'measured', JSON.stringify(figure))
  assert.deepEqual([figure.metric, figure.box.runs, figure.bare?.runs], ['command', 2, 2])
  assert.ok(figure.box.median > 0 && (figure.bare?.median ?? 0) > 0 && (figure.ratio?.value ?? 0) > 0)
})

test('a command may write below /tmp and /var/tmp on both sides', async () => {
  const { figure } = await measure(
    'sh',
    '-c',
    'cd /tmp && echo words > /var/tmp/written && mv /var/tmp/written . && rm written',
  )
  assert.equal(figure.state, 'measured', JSON.stringify(figure))
  assert.equal(existsSync('/tmp/written'), false)
})

test('a command really runs each time: one that does something else the second time is told', async () => {
  // What it did is its exit code: the first run leaves something that the next one stumbles over.
  const { figure } = await measure('sh', '-c', 'mkdir /tmp/once-only')
  assert.ok(figure.state === 'not measured', JSON.stringify(figure))
  // In the same run, or in a later one where the machine is so busy that a run has only one batch.
  assert.match(figure.reason, /(?:it failed: batch 2 did 1, those before it 0|it ended with 1)$/)
})

const REFUSED: readonly [name: string, command: readonly [string, ...string[]], reason: string][] = [
  ['that ends with 3', ['sh', '-c', 'exit 3'], 'it ended with 3'],
  ['that a signal ends', ['sh', '-c', 'kill -9 $$'], 'it ended with 137'],
  ['that is missing', ['no-such-program'], 'the image has no program no-such-program'],
  [
    'that is a file of the host alone',
    [import.meta.filename],
    `the image has no program ${import.meta.filename}`,
  ],
]
for (const [name, command, reason] of REFUSED)
  test(`a command ${name} is not measured, with the reason`, async () =>
    assert.deepEqual((await measure(...command)).figure, {
      ...{ metric: 'command', state: 'not measured', reason },
    }))

test('a command that ends otherwise on one side alone is not measured, and the side is told', async () => {
  // The host's processes are there on the bare host.
  const there = `test -d /proc/${process.pid}`
  for (const [script, reason] of [
    [`${there} || exit 3`, 'it ended with 3'],
    [`! ${there} || exit 3`, 'on the bare host it ended with 3'],
  ] as const)
    assert.deepEqual((await measure('sh', '-c', script)).figure, {
      ...{ metric: 'command', state: 'not measured', reason },
    })
})

test('a command that is not trusted runs in the box alone', async () => {
  for (const trusted of [false, true]) {
    const witness = spawn('sleep', ['600'], { stdio: 'ignore' })
    const ended = once(witness, 'exit')
    const words = ['sh', '-c', `kill -9 ${witness.pid} || true`]
    const { figure, warnings } = await measureCommand(stage, plan, box, { words, trusted }, FEW)
    assert.equal(figure.state, 'measured')
    // The control: on the bare host nothing keeps it from the user's processes.
    if (trusted) await ended
    else {
      assert.deepEqual([witness.exitCode, witness.signalCode], [null, null])
      assert.match(warnings.join(), /ran in the box alone/)
      assert.ok(figure.state === 'measured' && figure.bare === undefined && figure.ratio === undefined)
      witness.kill()
    }
  }
})

test('a program that is missing is told of one that is not trusted, too', async () => {
  const asked = { words: ['no-such-program'], trusted: false }
  const { figure } = await measureCommand(stage, plan, box, asked, FEW)
  assert.ok(figure.state === 'not measured')
  assert.equal(figure.reason, 'the image has no program no-such-program')
})

test('where the image’s files cannot be had, the box has its figure alone, with a warning', async () => {
  const without: Plan = { ...plan, image: { ...plan.image, trees: [join(scratch, 'none')] } }
  const { figure, warnings } = await measureCommand(
    stage,
    without,
    box,
    { words: ['true'], trusted: true },
    FEW,
  )
  assert.ok(figure.state === 'measured', JSON.stringify(figure))
  assert.deepEqual([figure.box.runs, figure.bare, figure.ratio], [2, undefined, undefined])
  assert.match(warnings.join('\n'), /^The bare host cannot run it over the image’s files: .*No such file/)
})

test('nothing of it stays in the folder of the measurement', () => {
  for (const name of readdirSync(stage.scene.folder))
    if (name !== 'glovebox-guest' && name !== 'glovebox-probe')
      assert.deepEqual(readdirSync(join(stage.scene.folder, name)), [], name)
})

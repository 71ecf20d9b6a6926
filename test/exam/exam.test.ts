import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { CATALOGUE } from '../../src/exam/catalogue/index.ts'
import { examFolders } from '../../src/exam/folders.ts'
import type { ExamResult } from '../../src/exam/result-types.ts'
import { ASSETS } from '../../src/exam/types.ts'
import { choosePaths, currentPaths } from '../../src/host/paths.ts'
import { LAUNCHER, type Outcome, readyGlovebox, cli as run } from '../support/base-box.ts'
import { scratchStore } from '../support/scratch-store.ts'

/* A home and a folder for temporary files of this test's own: other exams may be under way beside it. */
const scratch = mkdtempSync(join(tmpdir(), 'exam-test-'))
chmodSync(scratch, 0o755)
const home = join(scratch, 'home')
const temporary = join(scratch, 'tmp')
for (const folder of [home, temporary]) mkdirSync(folder)
const { data, cache } = currentPaths()
const state = join(home, 'state')
const env = {
  ...{ HOME: home, TMPDIR: temporary, XDG_STATE_HOME: state },
  ...{ XDG_DATA_HOME: dirname(data), XDG_CACHE_HOME: dirname(cache) },
}
const cli = (words: readonly string[]): Outcome => run(words, { env })

before(async () => {
  await readyGlovebox()
})
after(() => rmSync(scratch, { recursive: true, force: true }))

/** What an exam leaves: nothing. */
function canaries(): string[] {
  const folders = [temporary, home, join(home, '.ssh'), join(home, '.aws')]
  return folders.flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => /^\.?glovebox-(?:canary|exam)-/.test(name))
          .map((name) => join(folder, name))
      : [],
  )
}

/** Whether somebody in a process group sleeps: the sandbox. */
const sleepsIn = (pid: number): boolean => spawnSync('pgrep', ['-g', String(pid), '-x', 'sleep']).status === 0

/** What no namespace hides, so that the reference box has nothing to open for it. */
const HIDDEN_BY_NO_NAMESPACE = ['identity-disks', 'identity-load', 'identity-covert-load']
/** Controls that are machines with kernels of their own, which the reference box is not; and what it bounds nothing of. */
const BEYOND_NAMESPACES = ['snapshots', 'machine', 'exhaustion']

test('every probe has a name of its own, all its words, and a hole for its control', () => {
  assert.equal(new Set(CATALOGUE.map((probe) => probe.id)).size, CATALOGUE.length)
  for (const probe of CATALOGUE) {
    const { id, asset, number, title, tries, closing, price, standsFor, holes } = probe
    assert.match(id, new RegExp(`^${asset}-[a-z\\d-]+$`))
    assert.ok(number > 0, id)
    for (const words of [title, tries, closing, price]) assert.ok(words.length >= 5, `${id}: ${words}`)
    assert.ok(standsFor.length > 0, id)
    const holeless = HIDDEN_BY_NO_NAMESPACE.includes(id) || BEYOND_NAMESPACES.includes(asset)
    assert.ok(holes.length > 0 || holeless, id)
    assert.ok((probe.attempts ?? 3) >= 1)
  }
  for (const asset of ASSETS)
    assert.ok(
      CATALOGUE.some((probe) => probe.asset === asset),
      asset,
    )
})

test('one command examines the default box, with a verdict for each control, and leaves nothing', () => {
  const found = cli(['exam', '--only', 'files-home-secrets', '--json'])
  assert.equal(found.code, 0, found.err)
  const result = JSON.parse(found.out) as ExamResult
  const [subject] = result.subjects
  assert.equal(subject?.subject.engine, 'container')
  assert.match(subject?.subject.image?.digest ?? '', /^sha256:[\da-f]{64}$/)
  assert.match(subject?.subject.policy?.digest ?? '', /^sha256:[\da-f]{64}$/)
  const [finding] = subject?.findings ?? []
  assert.equal(finding?.verdict, 'held')
  assert.equal(finding?.attempts.length, 3)
  assert.deepEqual(
    [finding?.controls?.bare.state, finding?.controls?.holed.state, finding?.controls?.negative.state],
    ['reached', 'reached', 'not reached'],
  )
  assert.deepEqual(canaries(), [])
})

test('any other sandbox is examined by its command line: what is open is a breach, and the exit code says so', () => {
  const open = cli(['exam', '--only', 'files-home-secrets', '--json', '--', 'env', '{}'])
  assert.equal(open.code, 1, open.err)
  assert.equal((JSON.parse(open.out) as ExamResult).subjects[0]?.findings[0]?.verdict, 'breach')
  const never = cli(['exam', '--only', 'files-home-secrets', '--json', '--', 'false', '{}'])
  assert.equal(never.code, 3, never.err)
  assert.equal((JSON.parse(never.out) as ExamResult).subjects[0]?.findings[0]?.verdict, 'inconclusive')
})

test('of several engines, one that cannot be made here does not keep the others from being examined', async () => {
  // gVisor is in the tools image, which this store does not have and cannot fetch.
  await using store = scratchStore()
  const offline = {
    ...env,
    ...store.env,
    http_proxy: 'http://127.0.0.1:9',
    https_proxy: 'http://127.0.0.1:9',
  }
  const root = join(store.folder, 'root')
  for (const folder of ['etc', 'tmp']) mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\n')
  assert.equal(spawnSync('tar', ['-C', root, '-cf', `${root}.tar`, '.']).status, 0)
  // Compiled already, as an installation has them.
  const places = choosePaths({ env: store.env, uid: process.getuid?.() ?? 0, ownerOf: () => undefined })
  cpSync(currentPaths().programs, places.programs, { recursive: true })
  assert.equal(run(['image', 'import', '--name', 'bare', `tar:${root}.tar`], { env: offline }).code, 0)
  const words = ['exam', '--image', 'bare', '--only', 'files-home-secrets', '--json', '--engine', 'gvisor']
  const alone = run(words, { env: offline })
  assert.equal(alone.code, 1)
  assert.match(alone.err, /MIRROR_UNREACHABLE/)
  const several = run([...words, '--engine', 'container'], { env: offline })
  assert.equal(several.code, 3, several.err)
  const { subjects } = JSON.parse(several.out) as ExamResult
  const findings = subjects.map(({ subject, neverStarted, findings: [one] }) => [
    subject.engine,
    neverStarted?.startsWith('Cannot ask the mirror'),
    one?.verdict,
  ])
  assert.deepEqual(findings, [
    ['gvisor', true, 'inconclusive'],
    ['container', undefined, 'held'],
  ])
})

test('nor does one that this user’s machine has no bound for', () => {
  const engines = ['--engine', 'container', '--engine', 'uml']
  const found = cli(['exam', ...engines, '--memory', '300M', '--only', 'files-home-secrets', '--json'])
  const { subjects } = JSON.parse(found.out) as ExamResult
  const verdicts = subjects.map(({ findings: [one] }) => one?.verdict)
  // An ordinary user has no control group here, which bounds a container; a machine has its size.
  const bounds = cli(['run', '--memory', '300M', '--dry-run', '--', 'true']).code === 0
  assert.deepEqual(verdicts, [bounds ? 'held' : 'inconclusive', 'held'], found.err)
  assert.equal(found.code, bounds ? 0 : 3)
})

for (const whole of [false, true])
  test(`stopped while a sandbox starts${whole ? ', which is told to stop, too' : ''}, it ends, reports nothing and keeps nothing`, async () => {
    const words = ['exam', '--only', 'files-home-secrets', '--', 'sh', '-c', 'sleep 1000; exec "$0"', '{}']
    const stopped = spawn(LAUNCHER, words, {
      ...{ stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env }, detached: true },
    })
    const kept = (): number => (existsSync(results) ? readdirSync(results).length : 0)
    const results = examFolders(join(state, 'glovebox')).results
    const before = kept()
    assert.ok(before > 0, 'those before it have kept theirs')
    while (!sleepsIn(stopped.pid ?? 0) && stopped.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20))
    process.kill(whole ? -(stopped.pid ?? 0) : (stopped.pid ?? 0), 'SIGTERM')
    const [text, [code]] = await Promise.all([stopped.stdout.toArray(), once(stopped, 'exit')])
    assert.deepEqual([text.join(''), code, kept()], ['', 130, before])
    assert.deepEqual(canaries(), [])
  })

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
  test(`a bomb of files that is ended amid by ${signal} leaves none of the user’s folders filled${signal === 'SIGKILL' ? ' once gc was there' : ''}`, async () => {
    const folder = mkdtempSync(join(scratch, 'work-'))
    const files = (): string[] =>
      readdirSync(folder).filter((name) => name.startsWith('glovebox-exam-files-'))
    const words = ['exam', '--only', 'exhaustion-inodes', '--', 'env', '{}']
    const ended = spawn(LAUNCHER, words, { cwd: folder, stdio: 'ignore', env: { ...process.env, ...env } })
    while (files().length === 0 && ended.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 1))
    const [name = ''] = files()
    ended.kill(signal)
    await once(ended, 'exit')
    if (signal === 'SIGKILL') assert.equal(cli(['gc']).code, 0)
    assert.deepEqual([files(), existsSync(join('/tmp', name))], [[], false])
  })

test('what cannot be examined is refused by name', () => {
  assert.match(cli(['exam', '--', 'bwrap', '--ro-bind', '/', '/']).err, /no \{\}.*\n {2}→ For example/)
  assert.match(cli(['exam', '--only', 'everything']).err, /no asset, probe or number/)
  assert.match(cli(['exam', '--foreign', 'chrooot']).err, /no ready line/)
  assert.match(cli(['exam', '--engine', 'docker']).err, /no engine of this name/)
  assert.match(cli(['exam', '--self-test', '--engine', 'uml']).err, /Leave --self-test/)
  for (const words of [
    ['--', 'x'],
    ['--only', 'y'],
    ['--foreign', 'z'],
    ['--engine', 'e'],
  ])
    assert.equal(cli(['exam', ...words]).code, 2)
})

test('two exams at once do not see each other’s canaries, and an exam that is killed leaves nothing that gc does not find', async () => {
  const words = ['exam', '--only', 'files-home-secrets', '--json', '--']
  // The second sandbox takes its time, so both have planted when the first one looks.
  const slow = spawn(LAUNCHER, [...words, 'sh', '-c', 'sleep 1; exec "$0"', '{}'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const quick = cli([...words, 'env', '{}'])
  const text = (await slow.stdout.toArray()).join('')
  for (const out of [quick.out, text]) {
    const [finding] = (JSON.parse(out) as ExamResult).subjects[0]?.findings ?? []
    assert.equal(finding?.controls?.negative.state, 'not reached')
    assert.equal(finding?.verdict, 'breach')
  }

  const killed = spawn(LAUNCHER, [...words, 'sh', '-c', 'exec sleep 1000', '{}'], {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  })
  while (!canaries().some((path) => path.includes('glovebox-exam-')))
    await new Promise((r) => setTimeout(r, 20))
  killed.kill('SIGKILL')
  await new Promise((resolve) => killed.once('exit', resolve))
  assert.notDeepEqual(canaries(), [], 'control: the killed exam has left something')
  const { code, out } = cli(['gc'])
  assert.equal(code, 0)
  assert.match(out, /killed exams? left/)
  assert.deepEqual(canaries(), [])
  assert.deepEqual(
    readdirSync(join(state, 'glovebox', 'exams')).filter((name) => name.endsWith('.jsonl')),
    [],
  )
})

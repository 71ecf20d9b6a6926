import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { dryRun } from '../../src/box/boxes.ts'
import { openContext } from '../../src/box/context.ts'
import { examFolders } from '../../src/exam/folders.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { metricsOf } from '../../src/price/kinds.ts'
import { parsePrice } from '../../src/price/result-schema.ts'
import type { PriceResult } from '../../src/price/result-types.ts'
import { keptPrices, newestPrice, priceFolder } from '../../src/price/results.ts'
import { LAUNCHER, type Outcome, readyGlovebox, cli as run } from '../support/base-box.ts'

/* How quick anything is, is for people to read: nothing here asserts it. A home, a state and a folder for temporary files of this test's
 * own tell apart what is left of its runs. */
const scratch = mkdtempSync(join(tmpdir(), 'price-test-'))
chmodSync(scratch, 0o755)
const [home, temporary, runtime] = [join(scratch, 'home'), join(scratch, 'tmp'), join(scratch, 'runtime')]
for (const folder of [home, temporary, runtime]) mkdirSync(folder, { mode: 0o700 })
const state = join(scratch, 'state', 'glovebox')
const { data, cache } = currentPaths()
const env = {
  ...{ HOME: home, TMPDIR: temporary, XDG_STATE_HOME: dirname(state), XDG_RUNTIME_DIR: runtime },
  ...{ XDG_DATA_HOME: dirname(data), XDG_CACHE_HOME: dirname(cache) },
}
const cli = (words: readonly string[]): Outcome => run(words, { env })
const QUICK = ['price', '--quick', '--engine'] as const

function start(words: readonly string[]): ChildProcess & { readonly ended: Promise<Outcome> } {
  const child = spawn(LAUNCHER, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = once(child, 'close').then(([code]): Outcome => ({ code: code ?? 128, out, err }))
  return Object.assign(child, { ended })
}

let inJson: Outcome
let result: PriceResult
let inWords: Outcome
before(async () => {
  await readyGlovebox()
  const both = [
    start([...QUICK, 'container', '--json', '--trust', '--', 'true']),
    start([...QUICK, 'gvisor', '--network', 'none', '--', 'no-such-program']),
  ] as const
  ;[inJson, inWords] = await Promise.all([both[0].ended, both[1].ended])
  if (inJson.code === 0) result = parsePrice(inJson.out, 'it')
})
after(() => rmSync(scratch, { recursive: true, force: true }))

const { journals } = examFolders(state)
const journalsNow = (): string[] =>
  existsSync(journals) ? readdirSync(journals).filter((name) => name.endsWith('.jsonl')) : []

/** What runs of this test have left, or are about to: folders, journals and boxes. */
function remains(): string[] {
  const shared = existsSync('/dev/shm') ? readdirSync('/dev/shm').map((name) => join('/dev/shm', name)) : []
  const boxes = (JSON.parse(cli(['ps', '--all', '--json']).out) as unknown[]).map((box) =>
    JSON.stringify(box),
  )
  return [
    ...readdirSync(temporary).filter((name) => name.startsWith('glovebox-exam-')),
    ...shared.filter((path) => ids.has(path.replace('/dev/shm/glovebox-exam-', ''))),
    ...journalsNow(),
    ...boxes,
  ]
}
/** Of the runs that were seen. */
const ids = new Set<string>()

test('two prices at once both end with 0, and leave nothing', () => {
  assert.deepEqual([inJson.code, inWords.code], [0, 0], inJson.err + inWords.err)
  assert.deepEqual(remains(), [])
})

test('--json is a price by the published schema, with a figure of every metric', () => {
  assert.deepEqual(result.metrics, metricsOf(true))
  assert.deepEqual([result.quick, result.command], [true, ['true']])
  assert.deepEqual(
    result.sides.map(({ subject }) => subject.engine),
    ['container'],
  )
  const [side] = result.sides
  assert.deepEqual(
    side?.figures.map(({ metric }) => metric).sort(),
    metricsOf(true)
      .map(({ id }) => id)
      .sort(),
  )
  assert.equal(side?.emulated, false)
  assert.match(side?.subject.image?.digest ?? '', /^sha256:[\da-f]{64}$/)
  assert.ok((side?.disturbance?.share ?? 0) > 0, 'what measuring itself takes is measured, too')
})

/** Why there may be none: the engine has no such thing, or an ordinary user may not put root's files out of memory. */
const MISSING: Readonly<Record<string, RegExp>> = {
  resume: /^container has no memory to go on from$/,
  cold: /^\d+ of \d+ kB of its files that this user may read stay in memory$/,
}

test('a container has no resumed start, for the reason that is told; all else is measured beside the bare host', () => {
  for (const figure of result.sides[0]?.figures ?? []) {
    if (figure.state === 'not measured') {
      assert.match(figure.reason, MISSING[figure.metric] ?? /^$/, figure.metric)
      continue
    }
    assert.notEqual(figure.metric, 'resume')
    assert.ok(figure.box.runs >= 2 && figure.box.median > 0, figure.metric)
    assert.ok(figure.bare !== undefined && figure.bare.median > 0, `${figure.metric} has a bare side`)
    assert.ok(figure.ratio !== undefined, `${figure.metric} has a ratio`)
  }
})

test('results are kept, and the newest is found', () => {
  const kept = [...keptPrices(priceFolder(state))]
  assert.deepEqual(
    kept.find(({ id }) => id === result.id),
    result,
  )
  assert.deepEqual(kept.map(({ sides }) => sides[0]?.subject.engine).sort(), ['container', 'gvisor'])
  // Both may have begun in the same millisecond.
  const last = kept
    .map(({ startedAt }) => startedAt)
    .sort()
    .at(-1)
  assert.equal(newestPrice(priceFolder(state))?.startedAt, last)
})

test('a person reads each figure beside the bare host’s, what was not measured, and what the columns are', () => {
  const { out } = inWords
  assert.match(out, /^gvisor: [\d.]+ times the bare host as a whole$/m)
  assert.match(
    out,
    /^ {2}Kernel\n {4}system call +[\d.]+ .s +[\d.]+ .s +(?:[\d.]+×|equal|unclear) +[\d.]+ to [\d.]+/m,
  )
  assert.match(out, /^ {4}resumed start: gvisor has no memory to go on from$/m)
  const flat = out.replaceAll('\n', ' ')
  assert.match(flat, /Columns: in the box, on the bare host in the same run, the cost of the box over that/)
  assert.match(flat, /Few and short runs \(--quick\)/)
  for (const line of out.split('\n')) assert.ok(line.length <= 100, line)
})

test('a command that the image has not is told, and all else is measured', () => {
  assert.match(inWords.out, /^ {4}your command: the image has no program no-such-program$/m)
  assert.doesNotMatch(inWords.out, /^ {2}Your command$/m)
})

test('where the policy says none, there are no figures of a network', () => {
  assert.match(inWords.out, /^ {4}network round trip: it has no network: the policy says none$/m)
  assert.doesNotMatch(inWords.out, /^ {2}Network$/m)
})

test('what there is not is refused by name, and nothing is started', () => {
  const unknown = cli([...QUICK, 'docker'])
  assert.equal(unknown.code, 2)
  assert.match(unknown.err, /docker.*\n.*container.*gvisor/)
  const image = cli(['price', '--quick', '--image', 'no-such-image'])
  assert.equal(image.code, 1, image.err)
  assert.match(image.err, /no image "no-such-image"/)
  const trusted = cli([...QUICK, 'container', '--trust'])
  assert.deepEqual([trusted.code, trusted.out], [2, ''], trusted.err)
  assert.equal(unknown.out + image.out, '')
  assert.deepEqual(remains(), [])
})

/** A price that has begun to measure: its box runs, and where writes stay in memory the bare host has its folder there, too. */
async function amidst(): Promise<ReturnType<typeof start>> {
  const price = start([...QUICK, 'container', '--json'])
  const request = { engine: 'container', image: 'base', command: ['true'], terminal: false } as const
  const { plan } = await dryRun(openContext(), request)
  const there = (id: string): boolean =>
    plan.storage.upper.kind === 'tmpfs'
      ? existsSync(`/dev/shm/glovebox-exam-${id}`)
      : cli(['ps', '--json']).out.trim() !== '[]'
  while (!journalsNow().some((name) => there(name.replace('.jsonl', '')))) await setTimeout(20)
  assert.deepEqual([price.exitCode, price.signalCode], [null, null], 'it is under way')
  for (const name of journalsNow()) ids.add(name.replace('.jsonl', ''))
  return price
}

/** The command lines of processes that run out of these runs' folders, or below them. */
const processes = (): string[] =>
  readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return words.includes(temporary) || words.includes(state) ? [words] : []
    } catch {
      return [] // it has ended
    }
  })

/** Its boxes end with it, in their own time: their input is over. */
async function untilEnded(): Promise<void> {
  while (processes().length > 0 || cli(['ps', '--json']).out.trim() !== '[]') await setTimeout(50)
}

test('a price that is killed leaves nothing that gc does not find', async () => {
  const price = await amidst()
  assert.notDeepEqual(processes(), [], 'control: its programs run')
  price.kill('SIGKILL')
  await price.ended
  await untilEnded()
  const left = remains()
  assert.ok(
    left.some((path) => path.startsWith('glovebox-exam-')),
    'control: it has left something',
  )
  const { code, err } = cli(['gc'])
  assert.equal(code, 0, err)
  assert.deepEqual(remains(), [])
})

test('a price that is interrupted leaves nothing at all, and keeps no result', async () => {
  const kept = readdirSync(priceFolder(state))
  const price = await amidst()
  price.kill('SIGINT')
  const { code, out } = await price.ended
  assert.equal(code, 130)
  assert.equal(out, '')
  await untilEnded()
  assert.deepEqual(remains(), [])
  assert.deepEqual(readdirSync(priceFolder(state)), kept)
})

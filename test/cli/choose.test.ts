import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { dirname, join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { openContext } from '../../src/box/context.ts'
import { command as chooseCommand } from '../../src/cli/commands/choose.ts'
import { command as runCommand } from '../../src/cli/commands/run.ts'
import { CATALOGUE } from '../../src/exam/catalogue/index.ts'
import { examFolders } from '../../src/exam/folders.ts'
import { hostRecord, subjectRecord } from '../../src/exam/record.ts'
import type { ExamResult, Finding, SubjectRecord } from '../../src/exam/result-types.ts'
import { keepResult } from '../../src/exam/results.ts'
import type { Asset } from '../../src/exam/types.ts'
import { packageRoot, VERSION } from '../../src/host/build-info.ts'
import { ENGINE_LABEL } from '../../src/image/manifest.ts'
import type { EngineName } from '../../src/plan/types.ts'
import type { Choice } from '../../src/price/choice-types.ts'
import { keepPrice, priceFolder } from '../../src/price/results.ts'
import { Glovebox, type Plan } from '../../src/sdk.ts'
import { ours } from '../exam/support.ts'
import { priceOf, sideOf } from '../price/fixtures.ts'
import { examResult, finding } from '../report/results.ts'
import { LAUNCHER, type Outcome, cli as run } from '../support/base-box.ts'
import { addImage, imageTar, type TestImage, testImage } from '../support/image.ts'

/* What --engine auto takes, by exams and prices that are made by hand of boxes that are real. */

let image: TestImage
let records: Readonly<Record<'container' | 'gvisor', SubjectRecord>>
const WISHES = ['auto', 'gvisor'] as const

before(async () => {
  image = await testImage({ tools: true })
  const context = openContext(image.paths)
  records = {
    container: await subjectRecord(context, ours('container')),
    gvisor: await subjectRecord(context, ours('gvisor')),
  }
  const bytes = await imageTar(image.probe)
  for (const wish of WISHES)
    await addImage(image.paths, `wants-${wish}`, bytes, {
      ...{ Cmd: ['/bin/sh'], Labels: { [ENGINE_LABEL]: wish } },
    })
})
after(() => image[Symbol.asyncDispose]())
afterEach(() => {
  for (const folder of [exams(), prices()]) rmSync(folder, { recursive: true, force: true })
})

const exams = (): string => examFolders(image.paths.state).results
const prices = (): string => priceFolder(image.paths.state)
const cli = (words: readonly string[]): Outcome => run(words, { env: image.env })

type Both = 'container' | 'gvisor'
const HOUR_MS = 3_600_000

/** The whole catalogue, held but for a breach in an asset. */
function findings(breached?: Asset): Finding[] {
  const first = CATALOGUE.find(({ asset }) => asset === breached)?.id
  return CATALOGUE.map(({ id, number, asset, title }) =>
    finding({ ...{ probe: id, number, asset, title }, verdict: id === first ? 'breach' : 'held' }),
  )
}

function taken(ageMs: number) {
  const time = new Date(Date.now() - ageMs).toISOString()
  return { startedAt: time, endedAt: time, glovebox: VERSION, host: hostRecord() }
}

function keepExam(breaches: Partial<Record<Both, Asset>> = {}, parts: Partial<ExamResult> = {}): void {
  const subjects = (['container', 'gvisor'] as const).map((engine) => ({
    ...{ subject: records[engine], findings: findings(breaches[engine]), milliseconds: 1 },
  }))
  keepResult(exams(), examResult(subjects, { ...taken(50 * HOUR_MS), ...parts }))
}

function keepSides(of: (engine: Both) => SubjectRecord = (engine) => records[engine]): void {
  const sides = (['container', 'gvisor'] as const).map((engine) => ({
    ...sideOf(engine),
    subject: { ...of(engine), engine },
  }))
  keepPrice(prices(), priceOf(sides, taken(HOUR_MS)))
}

const refused = (outcome: Outcome, words: RegExp): void => {
  assert.equal(outcome.code, 1, outcome.err)
  assert.match(outcome.err, words)
  assert.equal(outcome.out, '')
}

test('the cheapest technology that holds is taken, really started, and named on standard error', () => {
  keepExam()
  keepSides()
  const done = cli(['run', '--engine', 'auto', '--', 'echo', 'ran'])
  assert.deepEqual([done.code, done.out], [0, 'ran\n'], done.err)
  assert.equal(
    done.err,
    'Engine container: the cheapest of container, gvisor, which hold files, processes, terminal, desktop, network, persistence; exam of 2 days ago, price of 1 hour ago\n',
  )
})

test('one that was breached in what is required is not taken', () => {
  keepExam({ container: 'kernel' })
  keepSides()
  const done = cli(['run', '--engine', 'auto', '--require', 'lan,kernel', '--', 'uname', '-r'])
  assert.equal(done.code, 0, done.err)
  assert.notEqual(done.out.trim(), release(), 'the kernel is gVisor, not this one')
  assert.match(done.err, /^Engine gvisor: the only one known to hold lan, kernel; /)
  const cheap = cli(['run', '--engine', 'auto', '--require', 'files', '--', 'true'])
  assert.match(cheap.err, /^Engine container: /, 'the control: nobody asked for the kernel')
})

test('the plan of a dry run names the technology that was chosen', () => {
  keepExam({ container: 'files' })
  keepSides()
  const done = cli(['run', '--engine', 'auto', '--dry-run', '--json', '--', 'true'])
  assert.equal((JSON.parse(done.out) as { readonly plan: Plan }).plan.engine, 'gvisor')
  assert.match(done.err, /^Engine gvisor: /)
})

test('where nothing holds, nothing is started, and each is told with why', () => {
  keepExam({ container: 'files', gvisor: 'network' })
  keepSides()
  refused(
    cli(['run', '--engine', 'auto', '--', 'echo', 'ran']),
    /no technology is known to hold files.*\n.*container: too weak\. It does not hold files: .*\n.*gvisor: too weak.*\n.*uml: unknown\. It was not examined here/,
  )
})

test('a budget that nobody keeps starts nothing', () => {
  keepExam()
  keepSides()
  const words = ['run', '--engine', 'auto', '--budget', 'start<1ms', '--', 'echo', 'ran']
  refused(cli(words), /container: over budget\. Start is 60 ms/)
})

test('where nothing is known, nothing is started, and the command that would tell is named', () => {
  const words = ['run', '--engine', 'auto', '--memory', 'unlimited', '--', 'echo', 'ran']
  refused(cli(words), /no exam of this box.*\n.*glovebox exam --engine all --memory unlimited/)
  keepExam()
  refused(
    cli(['run', '--engine', 'auto', '--', 'echo']),
    /no price of this box.*\n.*glovebox price --engine all/,
  )
  assert.equal(cli(['run', '--engine', 'auto', '--dry-run', '--', 'true']).code, 1)
})

const OTHERS: readonly [string, () => Partial<ExamResult>, RegExp][] = [
  ['kernel', () => ({ host: { ...hostRecord(), kernel: '5.0.0' } }), /another kernel \(5\.0\.0 then, /],
  ['user', () => ({ host: { ...hostRecord(), uid: 4_000_000 } }), /another user id/],
  ['version', () => ({ glovebox: '0.0.1' }), /another version of Glovebox/],
]
for (const [what, parts, words] of OTHERS)
  test(`an exam of another ${what} starts nothing`, () => {
    keepExam({}, parts())
    keepSides()
    refused(cli(['run', '--engine', 'auto', '--', 'echo', 'ran']), words)
  })

test('an exam of another policy or image starts nothing', () => {
  keepExam()
  keepSides()
  refused(cli(['run', '--engine', 'auto', '--wall', '1h', '--', 'echo']), /another image or policy/)
  refused(
    cli(['run', '--engine', 'auto', '--image', 'wants-auto', '--', 'echo']),
    /another image or policy.*\n.*--engine all --image wants-auto/,
  )
})

test('one whose tools are others than those that were examined or measured is not taken', () => {
  const aged = (record: SubjectRecord): SubjectRecord => ({ ...record, tools: ['crun 0.1'] })
  keepExam()
  keepSides((engine) => (engine === 'container' ? aged(records.container) : records[engine]))
  const done = cli(['choose', '--require', 'files', '--json'])
  const choice = JSON.parse(done.out) as Choice
  assert.equal(choice.chosen, 'gvisor')
  const container = choice.candidates.find(({ engine }) => engine === 'container')
  assert.match(container?.why[0] ?? '', /^Its price is of crun 0\.1, and now it is .*glovebox price --engine/)
})

test('one that cannot start such a box is not taken: a container has no memory to go on from', () => {
  keepExam()
  keepSides()
  refused(
    cli(['run', '--engine', 'auto', '--warm', '--', 'echo']),
    /container: unknown\. It cannot start this box now: Engine container cannot/,
  )
})

test('garbage among what is kept neither counts nor crashes', () => {
  keepExam()
  keepSides()
  for (const folder of [exams(), prices()])
    for (const [name, text] of [
      ['20991231T000000000Z-aa.json', '{"version":1'],
      ['20991231T000000000Z-ab.json', '\u0000'.repeat(1000)],
      ['20991231T000000000Z-ac.json', JSON.stringify({ version: 1, subjects: [{}] })],
    ] as const)
      writeFileSync(join(folder, name), text)
  assert.match(cli(['run', '--engine', 'auto', '--', 'true']).err, /^Engine container: /)
  mkdirSync(join(exams(), '20991231T000000000Z-ad.json'))
  refused(cli(['run', '--engine', 'auto', '--', 'echo']), /Cannot read .*-ad\.json: it is no file/)
})

test('an image that asks for auto has it where its user names nothing, and only there', () => {
  const words = ['run', '--image', 'wants-auto', '--', 'echo', 'ran']
  refused(cli(words), /no exam of this box/)
  assert.equal(cli(['run', '--engine', 'container', ...words.slice(1)]).out, 'ran\n')
})

test('an image that asks for a technology has it where its user names nothing', async () => {
  const { plan } = await image.glovebox.boxes.plan({ image: 'wants-gvisor', command: ['true'] })
  assert.equal(plan.engine, 'gvisor')
  const named = { image: 'wants-gvisor', engine: 'container', command: ['true'] } as const
  assert.equal((await image.glovebox.boxes.plan(named)).plan.engine, 'container')
})

test('a kept box goes on under its own technology, whatever its image asks for', async () => {
  const start = (engine?: EngineName) =>
    image.glovebox.boxes.start({
      ...{ keep: 'goes-on', image: 'wants-gvisor', command: ['true'] },
      ...(engine === undefined ? {} : { engine }),
    })
  await (await start('container')).main.result()
  const again = await start()
  await again.main.result()
  assert.equal(again.box.summary().engine, 'container')
})

test('a requirement without auto is refused, as nothing would be chosen', async () => {
  const done = cli(['run', '--require', 'files', '--', 'true'])
  assert.equal(done.code, 2)
  assert.match(done.err, /with engine container: there is nothing to choose.*\n.*--engine auto/)
  await assert.rejects(image.glovebox.boxes.create({ engine: 'gvisor', budget: ['start<1s'] }), {
    code: 'REQUIRE_WITHOUT_AUTO',
  })
})

test('the SDK chooses and starts by auto, too', async () => {
  keepExam({ container: 'desktop' })
  keepSides()
  const glovebox = new Glovebox({ paths: image.paths })
  assert.equal((await glovebox.prices.choose({ require: ['x11'] })).chosen, 'gvisor')
  await using box = await glovebox.boxes.create({ engine: 'auto', require: ['files'] })
  assert.equal(box.summary().engine, 'container')
})

test('the examples of the help run as they are printed', async () => {
  keepExam()
  keepSides()
  await image.glovebox.images.tag('base', 'browser') // the image of a recipe that comes along
  try {
    const lines = [...chooseCommand.examples, ...runCommand.examples].filter(({ command }) =>
      / choose | auto /.test(command),
    )
    assert.equal(lines.length, 4)
    const env = { ...process.env, ...image.env, PATH: `${dirname(LAUNCHER)}:${process.env['PATH']}` }
    for (const { command } of lines) {
      const done = spawnSync('bash', ['--norc', '-c', command], { env, encoding: 'utf8' })
      assert.equal(done.status, 0, `${command}: ${done.stderr}`)
      assert.match(done.stdout + done.stderr, /^(Take|Engine) container: /)
    }
  } finally {
    await image.glovebox.images.remove('browser')
  }
})

test('a start that chooses nothing has nothing of exam, price and reports in its bundle', () => {
  const bundle = readFileSync(join(packageRoot(), 'dist', 'run.cjs'), 'utf8')
  assert.match(bundle, /^\/\/ src\/sdk\/settle-engine\.ts$/m, 'the control: modules are named in it')
  assert.doesNotMatch(bundle, /^\/\/ src\/(exam|price|report)\//m)
})

test('a bound is one of the price that is used, not of a later one of fewer technologies', () => {
  keepExam()
  const usual = priceOf([]).metrics
  const metrics = [
    ...usual,
    ...usual.filter(({ id }) => id === 'start').map((one) => ({ ...one, id: 'command' })),
  ]
  const sides = (['container', 'gvisor'] as const).map((engine) => {
    const side = sideOf(engine)
    const figures = side.figures.flatMap((one) =>
      one.metric === 'start' ? [one, { ...one, metric: 'command' }] : [one],
    )
    return { ...side, figures, subject: { ...records[engine], engine } }
  })
  keepPrice(prices(), priceOf(sides, { ...taken(2 * HOUR_MS), metrics }))
  keepPrice(
    prices(),
    priceOf(
      sides.slice(0, 1).map((side) => ({ ...side, figures: sideOf('container').figures })),
      taken(HOUR_MS),
    ),
  )
  const done = cli(['choose', '--require', 'files', '--budget', 'command<500ms'])
  assert.equal(done.code, 0, done.err)
  assert.match(done.out, /^Take container: /)
})

test('choose: its first line says what to take, and its exit code whether anything is', () => {
  keepExam({ container: 'kernel' })
  keepSides()
  const done = cli(['choose', '--require', 'files,lan,desktop,kernel'])
  assert.equal(done.code, 0, done.err)
  assert.match(done.out, /^Take gvisor: it alone holds all that is required, and costs 4 times/)
  const bounded = ['choose', '--require', 'files,lan', '--budget', 'start<500ms,memory<200M']
  assert.match(cli(bounded).out, /^Take container: /)
  const none = cli(['choose', '--require', 'files', '--budget', 'start<1ms'])
  assert.equal(none.code, 3)
  assert.match(none.out, /^Take none: /)
  assert.equal(cli(['choose', '--require', 'everything']).code, 2)
  assert.equal(cli(['choose']).code, 2)
})

test('choose --app is about the image of a recipe, and says what that asks for', () => {
  keepExam()
  keepSides()
  const done = cli(['choose', '--app', 'base', '--require', 'files'])
  assert.match(done.out, /^Take container: /, done.err)
  refused(
    cli(['choose', '--app', 'wants-auto', '--require', 'files']),
    /glovebox exam --engine all --image wants-auto/,
  )
  refused(cli(['choose', '--app', 'voice', '--require', 'files']), /no image "voice"/)
})

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { readEvents } from '../../src/box/events.ts'
import { JournalReader, journalOf, writeEvent } from '../../src/box/journal.ts'
import type { BoxEvent, BoxRequest, EventOptions } from '../../src/sdk.ts'
import { LAUNCHER } from '../support/base-box.ts'
import { boxWords, EVERY_ENGINE } from '../support/box-words.ts'
import { type TestImage, testImage } from '../support/image.ts'

let image: TestImage
before(async () => {
  image = await testImage({ tools: true })
})
after(() => image[Symbol.asyncDispose]())

/** Runs a box in a process of its own, as the command line does, and waits for its end. */
async function runElsewhere(request: BoxRequest): Promise<void> {
  const [program, ...words] = boxWords(request)
  await once(spawn(program, words, { env: { ...process.env, ...image.env }, stdio: 'ignore' }), 'exit')
}

async function take(
  events: AsyncIterable<BoxEvent>,
  until: (event: BoxEvent) => boolean,
): Promise<BoxEvent[]> {
  const taken: BoxEvent[] = []
  for await (const event of events) {
    taken.push(event)
    if (until(event)) break
  }
  return taken
}
const types = (events: readonly BoxEvent[]): string[] => events.map(({ type }) => type)
const past = (options: EventOptions = {}): Promise<BoxEvent[]> =>
  take(image.glovebox.boxes.events({ past: true, follow: false, ...options }), () => false)

for (const engine of EVERY_ENGINE)
  test(`${engine}: a box of another process is told from its creation to its removal`, async () => {
    await past() /* its code is loaded: from here on the first look is over before a box can start */
    const events = take(image.glovebox.boxes.events(), ({ type }) => type === 'removed')
    await runElsewhere({ engine, command: ['sh', '-c', 'exit 7'] })
    const [created, started, exited, removed] = await events
    assert.deepEqual(created, {
      ...{ time: created?.time, box: created?.box, type: 'created', engine, image: 'base', program: 'sh' },
    })
    assert.match(created.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    assert.deepEqual(
      [started, exited, removed],
      [
        { time: started?.time, box: created.box, type: 'started' },
        { time: exited?.time, box: created.box, type: 'exited', exitCode: 7 },
        { time: removed?.time, box: created.box, type: 'removed' },
      ],
    )
    assert.deepEqual(types(await past({ box: created.box })), ['created', 'started', 'exited', 'removed'])
  })

test('a box tells of itself alone, with its commands and why it was ended, until it is removed', async () => {
  const policy = { ...(await image.glovebox.boxes.plan({})).plan.policy, limits: { wallMs: 300 } }
  await using other = await image.glovebox.boxes.create()
  const box = await image.glovebox.boxes.detach({ keep: 'told', policy, command: ['sleep', '600'] })
  await (await other.exec(['true'])).result()
  const events = take(box.events({ past: true, signal: AbortSignal.timeout(120_000) }), () => false)
  await take(box.events({ past: true }), ({ type }) => type === 'exited')
  await box.remove()
  const told = await events
  assert.deepEqual(types(told), ['created', 'started', 'exited', 'removed'])
  assert.ok(told.every((event) => event.box === box.id))
  assert.deepEqual(
    told.flatMap((event) => (event.type === 'exited' ? [event.exitCode, event.reason] : [])),
    [124, 'wall'],
  )
  assert.ok(
    (await past({ box: other.id })).some((event) => event.type === 'exec' && event.program === 'true'),
  )
})

test('a supervisor that is killed is told by whoever watches, and remembered when the box is removed', async () => {
  const box = await image.glovebox.boxes.detach({ command: ['sleep', '600'] })
  /* With the past, as without it what happens before the first look is nobody's to tell. */
  const events = take(box.events({ past: true }), ({ type }) => type === 'killed')
  const [supervisor = 0] = box.processes()
  process.kill(supervisor, 'SIGKILL')
  assert.deepEqual(types(await events), ['created', 'started', 'killed'])
  await box.remove()
  assert.deepEqual(types(await past({ box: box.id })), ['created', 'started', 'killed', 'removed'])
})

test('an aborted signal ends the events without an error', async () => {
  assert.deepEqual(await take(image.glovebox.boxes.events({ signal: AbortSignal.abort() }), () => false), [])
  const abort = new AbortController()
  const events = take(image.glovebox.boxes.events({ signal: abort.signal }), () => false)
  abort.abort()
  assert.deepEqual(await events, [])
})

test('the command line prints them, a JSON document a line, and ends at Ctrl-C', async () => {
  const env = { ...process.env, ...image.env }
  const words = ['events', '--follow', '--json']
  const events = spawn(LAUNCHER, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface(events.stdout)[Symbol.asyncIterator]()
  /* What is remembered comes first, so a line shows that it watches. */
  assert.equal((await lines.next()).done, false)
  await runElsewhere({ command: ['sh', '-c', 'exit 23'] })
  const exitCode = async (): Promise<unknown> =>
    (JSON.parse((await lines.next()).value ?? '{"exitCode":"none"}') as { exitCode?: unknown }).exitCode
  for (let code: unknown; code !== 23; code = await exitCode()) assert.notEqual(code, 'none')
  events.kill('SIGINT')
  const [code] = await once(events, 'exit')
  assert.equal(code, 0)
})

test('the journal is bounded, and is read across its change to a new file', async () => {
  const root = mkdtempSync(join(tmpdir(), 'glovebox-journal-'))
  try {
    const folders = {
      runtime: join(root, 'boxes'),
      kept: join(root, 'kept'),
      homes: join(root, 'homes'),
      networks: join(root, 'networks'),
    }
    const journal = journalOf(folders)
    const reader = new JournalReader(folders)
    assert.deepEqual(reader.read(), [])
    let read = 0
    for (let written = 1; written <= 6000; written++) {
      writeEvent(folders, `box${written}`, {
        type: 'created',
        engine: 'container',
        image: 'base',
        program: 'x',
      })
      if (written % 500 === 0) read += reader.read().length
    }
    assert.equal(read, 6000)
    assert.ok(existsSync(`${journal}.1`))
    assert.ok(statSync(journal).size + statSync(`${journal}.1`).size < 2 ** 20)

    appendFileSync(
      journal,
      'no JSON\n{"timeMs":1e99,"box":"x","type":"started"}\n{"timeMs":1,"box":"x","type":"odd"}\n{"cut',
    )
    const told = await take(readEvents(folders, { past: true, follow: false }), () => false)
    assert.ok(told.length > 1000)
    assert.equal(told.at(-1)?.box, 'box6000')
  } finally {
    rmSync(root, { recursive: true })
  }
})

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { Session } from '../../src/exam/session.ts'
import { openStage, type Stage } from '../../src/exam/stage.ts'
import { ownCommand } from '../../src/exam/subject.ts'
import { currentPaths, openPaths } from '../../src/host/paths.ts'
import { guestPath } from '../../src/host/view.ts'
import { measureNeighbours } from '../../src/price/neighbours.ts'
import { BOMBS, bombWords, readWork, workInWords } from '../../src/price/neighbours-bombs.ts'
import { limitedSubject } from '../../src/price/neighbours-limits.ts'
import { readyGlovebox } from '../support/base-box.ts'

/* How much is lost is for people to read, on a machine that does nothing else: nothing here asserts it. */

before(async () => {
  await readyGlovebox()
})

function stageHere(signal: AbortSignal): Stage {
  const paths = currentPaths()
  openPaths(paths)
  return openStage({
    journals: `${paths.state}/exams`,
    ...{ guest: guestPath(paths), glovebox: ownCommand(), signal },
  })
}

const NEVER = new AbortController().signal

/** Processes whose command line names this, or that stem from this one. */
function processesOf(name: string): string[] {
  const all = readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return []
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      return state === 'Z' ? [] : [{ parent: Number(parent), words }]
    } catch {
      return [] // it has ended meanwhile
    }
  })
  return all
    .filter(({ parent, words }) => parent === process.pid || words.includes(name))
    .map(({ words }) => words)
}

test('two servers and two bombs, on the bare host and in boxes: all of it ran, and all of it is gone', async () => {
  const stage = stageHere(NEVER)
  const steps: string[] = []
  const { bounds, sides } = await measureNeighbours(
    stage,
    [limitedSubject('container', 'base', ownCommand())],
    {
      ...{ quick: true, signal: NEVER, stresses: ['cpu', 'fork'] },
      onStep: (side, what) => steps.push(`${side} ${what}`),
    },
  )
  assert.deepEqual(
    sides.map(({ name, emulated }) => [name, emulated]),
    [
      ['bare', false],
      ['container', false],
    ],
  )
  for (const { name, stresses } of sides) {
    assert.deepEqual(
      stresses.map(({ stress }) => stress),
      ['fork', 'cpu'],
    )
    for (const figure of stresses) {
      assert.equal(figure.state, 'measured', `${name}: ${JSON.stringify(figure)}`)
      assert.ok(figure.state === 'measured')
      assert.ok(figure.well.alone.median > 0, `${name}: good answers were counted`)
      assert.equal(figure.well.alone.runs, 10)
      assert.ok(figure.well.beside.runs >= 1)
      assert.match(figure.work, /^[1-9][\d,]* (?:processes|million steps of arithmetic)/, name)
      assert.ok(steps.includes(`${name} ${figure.stress}`))
    }
  }
  assert.match(bounds.join('\n'), /^container: started with --memory 256M --processes 256 /m)
  const { folder } = stage.scene
  await stage[Symbol.asyncDispose]()
  assert.deepEqual(processesOf(folder), [])
})

test('an abort amid a bomb ends all of it', async () => {
  const stage = stageHere(NEVER)
  const controller = new AbortController()
  const measured = measureNeighbours(stage, [], {
    ...{ quick: true, signal: controller.signal, stresses: ['fork'] },
    onStep: (_side, what) => {
      if (what === 'fork') setTimeout(() => controller.abort(new Error('enough')), 300)
    },
  })
  await assert.rejects(measured, /enough/)
  const { folder } = stage.scene
  await stage[Symbol.asyncDispose]()
  assert.deepEqual(processesOf(folder), [])
})

test('a bomb keeps its bounds, and refuses to have others', async () => {
  await using session = await Session.start({ argv: [guestPath(currentPaths()), 'probe'], startMs: 20_000 })
  const over = await session.ask('price-stress', ['fork', '4', '40', '200'])
  const work = readWork(over.text)
  assert.ok(work?.over && work.did > 0, over.text)
  assert.ok(work.most <= 40)
  for (const words of [
    ['fork', '9', '40', '200'],
    ['fork', '4', '513', '200'],
    ['memory', '1', '64', '120001'],
    ['nuclear', '1', '1', '200'],
    ['fork', '4', '40'],
  ])
    assert.equal((await session.ask('price-stress', words)).end, 2, words.join(' '))
  const nowhere = await session.ask('price-stress', ['disk', '1', '1', '2000', '/nowhere/at/all'])
  assert.equal(nowhere.end, 1)
  assert.match(nowhere.text, /^errno 2 /)
  const disk = BOMBS.find(({ stress }) => stress === 'disk')
  assert.ok(disk !== undefined)
  assert.deepEqual(bombWords(disk, ['/tmp']), ['disk', '4', '128', '60000', '/tmp'])
})

test('what a bomb did is numbers, whatever its box says', () => {
  const [memory] = BOMBS
  assert.ok(memory !== undefined)
  const one = readWork('set\ndid 700 MiB most 250 killed 2 over 0\n')
  assert.ok(one !== undefined)
  assert.equal(workInWords(memory, [one], false), '700 MiB, 250 at once; the kernel killed it 2 times')
  assert.equal(
    workInWords(memory, [one, one], true),
    '1,400 MiB, 250 at once, in 2 runs; the kernel killed it 4 times; its box ended',
  )
  assert.equal(workInWords(memory, [], true), 'it began; its box ended')
  for (const text of [
    '',
    'did',
    'did -1 MiB most 0 killed 0 over 0',
    'did 1 \u001b[2J most 0 killed 0 over 0',
    'did 1 MiB most 0 killed 0 over 7',
  ])
    assert.equal(readWork(text), undefined)
})

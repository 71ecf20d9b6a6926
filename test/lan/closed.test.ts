import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { boxFiles, readSupervisor } from '../../src/box/state.ts'
import { currentPaths } from '../../src/host/paths.ts'
import type { Lab } from '../../src/lab/start.ts'
import { SITES } from '../../src/lab/topology.ts'
import { LAUNCHER, readyGlovebox } from '../support/base-box.ts'
import { openLab } from './lab.ts'

/* What is killed closes the network: nothing of the box passes any more, and that is told. */

let lab: Lab
before(async () => {
  await readyGlovebox()
  lab = await openLab()
})
after(() => lab?.[Symbol.asyncDispose]())

const glovebox = (...words: string[]) => lab.run('host', [LAUNCHER, ...words])

interface Networked {
  readonly box: string
  readonly dir: string
  readonly anchor: number
  readonly keeper: number
}

async function start(engine: string): Promise<Networked> {
  const words = ['--engine', engine, '--network', 'internet', '--detach', '--', 'sleep', 'infinity']
  const { code, stdout, stderr } = await glovebox('run', ...words).result
  assert.equal(code, 0, stderr)
  const box = stdout.trim()
  const dir = join(currentPaths().boxes.runtime, box)
  const [anchor = 0, , keeper = 0] = readFileSync(join(dir, 'gate'), 'utf8').split(' ').map(Number)
  return { box, dir, anchor, keeper }
}

/** A connection of the box's to the internet, from nothing to an answer. */
async function reaches({ box }: Networked): Promise<boolean> {
  const script = `timeout 5 head -n1 < /dev/tcp/${SITES.allowed.four}/80`
  const { stdout } = await glovebox('exec', box, '--', 'bash', '-c', script).result
  return stdout === 'internet\n'
}

const processes = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

function commandOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    // It has ended since.
    return []
  }
}

const parentOf = (pid: number): number => {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}

function pastaOf({ anchor }: Networked): number {
  const found = processes().find((pid) => commandOf(pid).includes(`/proc/${anchor}/ns/net`))
  assert.ok(found !== undefined, 'no pasta of this box')
  return found
}

/** Of the keeper's two programs, the one whose words hold `word`. */
function programOf({ keeper }: Networked, word: string): number {
  const found = processes().find((pid) => parentOf(pid) === keeper && commandOf(pid).includes(word))
  assert.ok(found !== undefined, `no program ${word} of this box`)
  return found
}

/** In the lab a process has ids that only the lab may signal. */
async function kill(pid: number): Promise<void> {
  const { code, stderr } = await lab.run('host', ['bash', '-c', `kill -9 ${pid}`]).result
  assert.equal(code, 0, stderr)
}

const gone = async (pid: number, was: string): Promise<void> => {
  while (commandOf(pid).join(' ') === was) await new Promise(setImmediate)
}

const VICTIMS: readonly (readonly [string, string, (running: Networked) => number])[] = [
  ['pasta', 'pasta', pastaOf],
  ['the resolver', 'gate', (running) => programOf(running, '--upstream')],
  ['the log of its flows', 'gate', (running) => programOf(running, 'flows')],
  ['the keeper of its gate', 'gate', ({ keeper }) => keeper],
]

for (const engine of ['container', 'uml'])
  describe(engine, () => {
    for (const [what, by, find] of VICTIMS)
      test(`without ${what} nothing passes, and that is told`, async () => {
        const running = await start(engine)
        const events = glovebox('events', '--follow', '--json', running.box)
        await events.until('"started"')
        assert.ok(await reaches(running), 'the control: it reaches the internet before')
        const pasta = pastaOf(running)
        const words = commandOf(pasta).join(' ')
        await kill(find(running))
        assert.match(await events.until('network-closed'), new RegExp(`"network-closed","by":"${by}"`))
        await gone(pasta, words)
        assert.equal(await reaches(running), false)
        await glovebox('stop', '--grace', '0s', running.box).result
        await glovebox('rm', running.box).result
        assert.match((await events.result).stdout, /"removed"/)
      })

    test('without its supervisor there is neither the box nor a way out', async () => {
      const running = await start(engine)
      assert.ok(await reaches(running))
      const pasta = pastaOf(running)
      const [words, keeper] = [commandOf(pasta).join(' '), commandOf(running.keeper).join(' ')]
      const supervisor = readSupervisor(running.dir)
      assert.ok(supervisor !== undefined)
      await kill(supervisor.outer.pid)
      await gone(pasta, words)
      await gone(running.keeper, keeper)
      await glovebox('gc').result
      assert.equal(existsSync(boxFiles(running.dir).record), false)
    })
  })

import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { LAUNCHER } from '../support/base-box.ts'
import { type TestImage, testImage } from '../support/image.ts'

/* kill -9 of each process of a machine, by the user: nothing of it stays, and its end is told. */

let image: TestImage
before(async () => {
  image = await testImage({ tools: true })
})
after(() => image[Symbol.asyncDispose]())

interface Process {
  readonly pid: number
  readonly parent: number
  readonly words: string
}

/** A box's processes come and go while they are looked at. */
function processes(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const parent = Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1])
      return [
        {
          pid: Number(name),
          parent,
          words: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '),
        },
      ]
    } catch {
      return []
    }
  })
}

function treeOf(root: number): Process[] {
  const all = processes()
  const found = all.filter(({ pid }) => pid === root)
  for (const one of found) found.push(...all.filter(({ parent }) => parent === one.pid))
  return found
}

const gone = async (pids: readonly number[]): Promise<void> => {
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) await new Promise((next) => setImmediate(next))
}

const env = (): NodeJS.ProcessEnv => ({ ...process.env, ...image.env })

const run = (...words: string[]): ChildProcess =>
  spawn(LAUNCHER, ['run', ...words], { env: env(), stdio: ['ignore', 'pipe', 'pipe'] })

/** The processes of a box by what they are; the first of them is the one that the command line became. */
const VICTIMS = {
  'command line and supervisor': (tree) => tree[0],
  holder: (tree) => tree[1],
  monitor: (tree) => tree.find(({ words }) => /^\S*\/guest monitor /.test(words)),
  machine: (tree) => tree.find(({ words }) => /^\S*(qemu-system-x86_64|linux[.\w-]*) /.test(words)),
} satisfies Record<string, (tree: readonly Process[]) => Process | undefined>

interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly err: string
}

async function killOne(child: ChildProcess, victim: keyof typeof VICTIMS): Promise<End> {
  let err = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    err += bytes.toString()
  })
  child.stdout?.resume()
  const tree = treeOf(child.pid ?? 0)
  const found = VICTIMS[victim](tree)
  assert.ok(found, `${victim} in ${tree.map(({ words }) => words).join('\n')}`)
  const closed = once(child, 'close')
  process.kill(found.pid, 'SIGKILL')
  const [code, signal] = (await closed) as [number | null, NodeJS.Signals | null]
  await gone(tree.map(({ pid }) => pid))
  return { code, signal, err }
}

/** What stays of boxes anywhere: mounts, processes, folders. */
function leftovers(): unknown {
  const swept = spawnSync(LAUNCHER, ['gc'], { env: env(), encoding: 'utf8' })
  assert.equal(swept.status, 0, swept.stderr)
  return {
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes('glovebox-boxes-')),
    processes: processes().filter(({ words }) => words.includes(image.paths.boxes.runtime)),
    boxes: readdirSync(image.paths.boxes.runtime),
    listed: image.glovebox.boxes.list(),
  }
}
const NOTHING = { mounts: [], processes: [], boxes: [], listed: [] }

const ENDS: Readonly<Record<keyof typeof VICTIMS, (end: End) => void>> = {
  'command line and supervisor': ({ signal }) => assert.equal(signal, 'SIGKILL'),
  holder: ({ code }) => assert.equal(code, 137),
  monitor: ({ code }) => assert.equal(code, 137),
  machine: ({ code, err }) => {
    assert.equal(code, 1, err)
    assert.match(err, /^glovebox: The virtual machine ended before its command: it/m)
  },
}

const EVERY_VICTIM = Object.keys(VICTIMS) as (keyof typeof VICTIMS)[]
for (const [engine, victims] of [
  ['uml', EVERY_VICTIM],
  /* The others are the same processes with both; they are killed while it boots, below. */
  ['vm', ['machine']],
] as const)
  for (const victim of victims)
    test(`${engine}: kill -9 of the ${victim} ends all of the box, and is told`, async () => {
      const child = run('--engine', engine, '--', 'sh', '-c', 'echo up; exec sleep 1000')
      await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
      ENDS[victim](await killOne(child, victim))
      assert.deepEqual(leftovers(), NOTHING)
    })

for (const engine of ['uml', 'vm'] as const)
  test(`${engine}: twenty machines, started and killed in a row, leave nothing`, async () => {
    for (let turn = 0; turn < 20; turn++) {
      const child = run('--engine', engine, '--', 'sleep', '1000')
      const victim = EVERY_VICTIM[turn % EVERY_VICTIM.length] ?? 'machine'
      /* As soon as there is such a process: at that moment the machine boots. */
      while (VICTIMS[victim](treeOf(child.pid ?? 0)) === undefined)
        await new Promise((next) => setImmediate(next))
      await killOne(child, victim)
    }
    assert.deepEqual(leftovers(), NOTHING)
  })

import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { before, test } from 'node:test'
import { networkOf } from '../../src/lab/sweep.ts'
import { SITES } from '../../src/lab/topology.ts'
import { LAUNCHER, readyGlovebox } from '../support/base-box.ts'
import { scratchFolder } from './lab.ts'

/* `glovebox lab` as a person runs it, from what is built. */

before(readyGlovebox)

const lab = (words: readonly string[], input = '') =>
  spawnSync(LAUNCHER, ['lab', ...words], { encoding: 'utf8', input })

test('a command in the lab has the streams of the caller, and its exit code is passed on', () => {
  const { status, stdout, stderr } = lab(['--', 'sh', '-c', 'tr a-z A-Z; echo bad >&2; exit 7'], 'hello')
  assert.deepEqual([status, stdout, stderr], [7, 'HELLO', 'bad\n'])
})

test('it has a terminal where the caller has one, and no further descriptor of the lab', () => {
  const inside = 'test -t 0 && exec 3</dev/tty && exec 3<&- && ls /proc/self/fd | tr "\\n" " "'
  const words = ['-qec', `${LAUNCHER} lab -- sh -c '${inside}'`, '/dev/null']
  const { status, stdout } = spawnSync('script', words, { encoding: 'utf8' })
  assert.equal(status, 0, stdout)
  // The lab has the caller's streams as 4, 5 and 6 (world-process.ts); 3 is that of ls itself.
  assert.deepEqual(
    stdout.split(' ').filter((fd) => ['2', '3', '4', '5', '6'].includes(fd)),
    ['2', '3'],
  )
})

test('a box in it reaches its internet, by name; what arrives is written down', () => {
  using scratch = scratchFolder()
  const file = join(scratch.path, 'arrivals')
  const get = `head -n1 < /dev/tcp/${SITES.allowed.name}/80`
  const box = [LAUNCHER, 'run', '--network', 'internet', '--', 'bash', '-c', get]
  const { status, stdout, stderr } = lab(['--arrivals', file, '--', ...box])
  assert.deepEqual([status, stdout], [0, 'internet\n'], stderr)
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const arrived = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.ok(
    arrived.some(({ node, protocol, port }) => node === 'internet' && protocol === 'tcp' && port === 80),
  )
  assert.ok(arrived.some(({ node, protocol }) => node === 'router' && protocol === 'dns'))
})

test('the map names every address that a node answers at', () => {
  const { nodes } = JSON.parse(lab(['--map', '--json']).stdout) as {
    nodes: { node: string; addresses: string[] }[]
  }
  const nas = nodes.find(({ node }) => node === 'nas')
  for (const address of nas?.addresses ?? []) {
    const { status } = lab(['--node', 'bridged', '--', 'bash', '-c', `: < /dev/tcp/${address}/445`])
    assert.equal(status, 0, address)
  }
  assert.equal(nas?.addresses.length, 3)
})

test('a node that there is not is an error that names those that there are', () => {
  const { status, stderr } = lab(['--node', 'fridge', '--', 'true'])
  assert.equal(status, 2)
  assert.match(stderr, /printer, nas/)
})

/** A lab whose command has started something that outlives it, and all processes beside it. */
async function busyLab(): Promise<{
  readonly child: ChildProcess
  readonly inside: ReadonlyMap<number, string>
}> {
  // When the line is there, the shell waits for no child: one that ends by itself amid a SIGINT lets dash go on as if none had come.
  const busy = 'setsid sleep infinity & net=$(readlink /proc/self/ns/net); echo "$net"; exec sleep infinity'
  const child = spawn(LAUNCHER, ['lab', '--', 'sh', '-c', busy], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const [network] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const inside = pids.filter((pid) => networkOf(pid) === network)
  assert.ok(inside.length >= 2, 'the command and what it has started')
  return { child, inside: new Map(inside.map((pid) => [pid, network])) }
}

async function allGone(inside: ReadonlyMap<number, string>): Promise<void> {
  for (const [pid, network] of inside) while (networkOf(pid) === network) await new Promise(setImmediate)
}

test('Ctrl-C ends the command, and the lab with all that runs in it', async () => {
  const { child, inside } = await busyLab()
  const over = once(child, 'exit')
  process.kill(-(child.pid ?? 0), 'SIGINT')
  assert.deepEqual(await over, [130, null])
  await allGone(inside)
})

test('so does killing it by force', async () => {
  const { child, inside } = await busyLab()
  child.kill('SIGKILL')
  await allGone(inside)
})

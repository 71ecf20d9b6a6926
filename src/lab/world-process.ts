import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { createInterface } from 'node:readline'
import { NODES, type NodeName, nodeBatch, switchBatch } from './topology.ts'
import type { LabMessage, LabRequest, NodeSetup } from './types.ts'

const NAMES = Object.keys(NODES) as NodeName[]
/** What a command in a node keeps of an ordinary user's lab: newuidmap(1) maps ids with them. Root's commands are root's. */
const PLAIN = ['setpriv', '--inh-caps=-all,+setuid,+setgid', '--ambient-caps=-all,+setuid,+setgid', '--']
const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL', '--']

/** The lab's own process, in the namespace of its switch. `self` runs a node (node-process.ts). */
export async function runWorld(self: readonly string[]): Promise<void> {
  const send = (message: LabMessage): void => void process.send?.(message)
  const nodes = new Map<NodeName, ChildProcess>()
  await Promise.all(NAMES.map(async (name) => nodes.set(name, await startNode(self))))
  const pids = Object.fromEntries(NAMES.map((name) => [name, pidOf(nodes, name)])) as Record<NodeName, number>
  connect(switchBatch(pids))
  await Promise.all(NAMES.map((name) => setUp(name, nodes.get(name), send)))
  process.on('message', (request: LabRequest) => run(request, pidOf(nodes, request.node), send))
  send({ ready: true })
}

const pidOf = (nodes: ReadonlyMap<NodeName, ChildProcess>, name: NodeName): number =>
  nodes.get(name)?.pid ?? 0

async function startNode(self: readonly string[]): Promise<ChildProcess> {
  const [program = '', ...words] = [...DIE_WITH_PARENT, 'unshare', '--net', ...DIE_WITH_PARENT, ...self]
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  // Its namespace is there when its program runs.
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'readable'), ended(child)])
  return child
}

async function ended(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null]
  throw new Error(`A node of the lab ended with ${code}.`)
}

function connect(batch: string): void {
  const { status, stderr } = spawnSync('ip', ['-batch', '-'], { input: batch, encoding: 'utf8' })
  if (status !== 0) throw new Error(`Cannot connect the lab's nodes: ip said: ${stderr}`)
}

async function setUp(
  name: NodeName,
  child: ChildProcess | undefined,
  send: (message: LabMessage) => void,
): Promise<void> {
  if (child === undefined) return
  const also = name === 'router' ? nameservers() : []
  const setup: NodeSetup = { node: name, batch: nodeBatch(name, also), also }
  child.stdin?.write(`${JSON.stringify(setup)}\n`)
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (line === 'born') return
      const message = JSON.parse(line) as LabMessage
      if ('ready' in message) resolve()
      else send(message)
    })
  })
  await Promise.race([ready, ended(child)])
}

/** The host asks for names where this machine does: there is one /etc/resolv.conf. */
function nameservers(): string[] {
  const [first] = [...readFileSync('/etc/resolv.conf', 'utf8').matchAll(/^nameserver\s+(\S+)/gm)].map(
    ([, word = '']) => word,
  )
  return first !== undefined && isIP(first) !== 0 ? [first] : []
}

function run(
  { id, argv, env, cwd, input, power }: LabRequest,
  pid: number,
  send: (message: LabMessage) => void,
): void {
  const plain = power || process.getuid?.() === 0 ? [] : PLAIN
  const [program = '', ...words] = [
    ...DIE_WITH_PARENT,
    'nsenter',
    `--net=/proc/${pid}/ns/net`,
    ...plain,
    ...argv,
  ]
  const child = spawn(program, words, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  child.stdout.setEncoding('utf8').on('data', (out: string) => send({ id, out }))
  child.stderr.setEncoding('utf8').on('data', (err: string) => send({ id, err }))
  child.on('error', (error) => send({ id, err: String(error) }))
  child.on('close', (code) => send({ id, code: code ?? 1 }))
}

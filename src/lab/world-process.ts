import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { keepThroughSignals } from './signals.ts'
import { endAllIn } from './sweep.ts'
import { NODES, type NodeName, nodeBatch, onSegment, ROUTER_LAST, switchBatch } from './topology.ts'
import type { LabMessage, LabRequest, NodeSetup, SettleRequest } from './types.ts'
import { startWitness } from './witness.ts'

const NAMES = Object.keys(NODES) as NodeName[]
/** What a command in a node keeps of an ordinary user's lab: newuidmap(1) maps ids with them. Root's commands are root's. */
const PLAIN = ['setpriv', '--inh-caps=-all,+setuid,+setgid', '--ambient-caps=-all,+setuid,+setgid', '--']
const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL', '--']

/** The lab's own process, in the namespace of its switch. `self` runs a node (node-process.ts), `witness` is startWitness()'s. */
export async function runWorld(self: readonly string[], witness?: string): Promise<void> {
  const send = (message: LabMessage): void => {
    // Whoever is gone is told of by the channel's end, below.
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
  }
  keepThroughSignals()
  const nodes = new Map<NodeName, ChildProcess>()
  process.on('disconnect', () => {
    // Whoever started the lab has ended it, or is gone.
    endAllIn([...nodes.values()].flatMap(({ pid }) => pid ?? []))
    process.exit()
  })
  askTheRouterForNames()
  await Promise.all(NAMES.map(async (name) => nodes.set(name, await startNode(self))))
  const pids = Object.fromEntries(NAMES.map((name) => [name, pidOf(nodes, name)])) as Record<NodeName, number>
  // The switch itself says nothing on its segment.
  writeFileSync('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1')
  connect(switchBatch(pids))
  if (witness !== undefined) await startWitness(witness, (frame) => send({ frame }))
  const settling = new Settling(nodes, send)
  await Promise.all(NAMES.map((name) => setUp(name, nodes.get(name), settling)))
  process.on('message', (request: LabRequest | SettleRequest) =>
    'settle' in request ? settling.ask(request.settle) : run(request, pidOf(nodes, request.node), send),
  )
  send({ ready: true, pids })
}

/** Passes on what the nodes tell; that all have settled is one message. */
class Settling {
  readonly #nodes: ReadonlyMap<NodeName, ChildProcess>
  readonly #send: (message: LabMessage) => void
  readonly #waiting = new Map<number, number>()

  constructor(nodes: ReadonlyMap<NodeName, ChildProcess>, send: (message: LabMessage) => void) {
    this.#nodes = nodes
    this.#send = send
  }

  ask(number: number): void {
    this.#waiting.set(number, this.#nodes.size)
    for (const { stdin } of this.#nodes.values()) stdin?.write(`${number}\n`)
  }

  take(message: LabMessage): void {
    if (!('settled' in message)) {
      this.#send(message)
      return
    }
    const left = (this.#waiting.get(message.settled) ?? 1) - 1
    this.#waiting.set(message.settled, left)
    if (left > 0) return
    this.#waiting.delete(message.settled)
    this.#send(message)
  }
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

async function setUp(name: NodeName, child: ChildProcess | undefined, settling: Settling): Promise<void> {
  if (child === undefined) return
  const setup: NodeSetup = { node: name, batch: nodeBatch(name) }
  child.stdin?.write(`${JSON.stringify(setup)}\n`)
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (line === 'born') return
      const message = JSON.parse(line) as LabMessage
      if ('ready' in message) resolve()
      else settling.take(message)
    })
  })
  await Promise.race([ready, ended(child)])
}

/** Like a home's: its router is the nameserver. The mount is the lab's alone, and keeps the file that has no name any more. */
function askTheRouterForNames(): void {
  const [four, , six] = onSegment(ROUTER_LAST)
  const file = join(tmpdir(), `glovebox-lab-resolv.${process.pid}`)
  writeFileSync(file, `nameserver ${four}\nnameserver ${six}\n`, { flag: 'wx' })
  const words = ['--bind', file, '/etc/resolv.conf']
  const { status, stderr } = spawnSync('mount', words, { encoding: 'utf8' })
  rmSync(file)
  if (status !== 0) throw new Error(`Cannot give the lab its nameserver: mount said: ${stderr}`)
}

/** The streams of whoever started the lab, as start.ts hands them over. */
const TERMINAL = [4, 5, 6] as const
const WITHOUT_COPIES = ['sh', '-c', 'exec "$@" 4>&- 5>&- 6>&-', 'sh']

function run(
  { id, argv, env, cwd, input, powerful = false }: LabRequest,
  pid: number,
  send: (message: LabMessage) => void,
): void {
  const plain = powerful || process.getuid?.() === 0 ? [] : PLAIN
  const terminal = typeof input !== 'string'
  const [program = '', ...words] = [
    ...[...DIE_WITH_PARENT, 'nsenter', `--net=/proc/${pid}/ns/net`, ...plain],
    ...(terminal ? WITHOUT_COPIES : []),
    ...argv,
  ]
  const stdio: StdioOptions = terminal ? [...TERMINAL] : ['pipe', 'pipe', 'pipe']
  const child = spawn(program, words, { cwd, env, stdio })
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  child.stdout?.setEncoding('utf8').on('data', (out: string) => send({ id, out }))
  child.stderr?.setEncoding('utf8').on('data', (err: string) => send({ id, err }))
  child.on('error', (error) => send({ id, err: String(error) }))
  child.on('close', (code, signal) =>
    send({ id, code: code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 0) }),
  )
}

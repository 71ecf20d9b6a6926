import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { GloveboxError } from '../errors.ts'
import type { IdMaps } from '../host/types.ts'
import type { Frame } from './frames.ts'
import { Mailbox } from './mailbox.ts'
import type { NodeName } from './topology.ts'
import type { Arrival, LabMessage, LabRequest, SettleRequest } from './types.ts'

export interface LabOptions {
  /** Words that run src/lab/process.ts, without its role. */
  readonly self: readonly string[]
  /** The subordinate ids, which commands in the lab shall have as outside; of no use to root. */
  readonly ids?: IdMaps
  /** The compiled glovebox-resolver, which sees the frames of the segment; without it nobody does. */
  readonly witness?: string
  /** Commands may have this process' own standard streams. */
  readonly terminal?: boolean
}

export interface LabResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface LabCommand {
  /** When it has ended. */
  readonly result: Promise<LabResult>
  /** Everything on standard output so far. */
  readonly output: string
  /** Waits until standard output holds the text, or the command ends. */
  until(text: string): Promise<string>
}

/** What one command may write before the rest is dropped. */
const MOST_OUTPUT = 1024 * 1024

class Running implements LabCommand {
  output = ''
  #errors = ''
  #wake: () => void = () => undefined
  #over = false
  readonly result: Promise<LabResult>
  #finish: (result: LabResult) => void = () => undefined

  constructor() {
    this.result = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  take(message: LabMessage): void {
    if ('out' in message && this.output.length < MOST_OUTPUT) this.output += message.out
    if ('err' in message && this.#errors.length < MOST_OUTPUT) this.#errors += message.err
    if ('code' in message) {
      this.#over = true
      this.#finish({ code: message.code, stdout: this.output, stderr: this.#errors })
    }
    this.#wake()
  }

  async until(text: string): Promise<string> {
    while (!this.output.includes(text) && !this.#over)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.output
  }
}

/** A test LAN that is up; it ends with this process, however that ends, and all that runs in it ends with it. */
export class Lab implements AsyncDisposable {
  readonly #process: ChildProcess
  readonly #running = new Map<number, Running>()
  readonly arrivals = new Mailbox<Arrival>()
  /** Of the segment, where the lab has a witness. */
  readonly frames = new Mailbox<Frame>()
  #next = 0
  #pids: Readonly<Partial<Record<NodeName, number>>> = {}
  /** Frames may come before. */
  readonly ready: Promise<void>
  #isReady: () => void = () => undefined
  readonly #settling = new Map<number, () => void>()

  constructor(child: ChildProcess) {
    this.#process = child
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve
    })
    child.on('message', (message: LabMessage) => this.#take(message))
  }

  #take(message: LabMessage): void {
    if ('ready' in message) {
      this.#pids = message.pids ?? {}
      this.#isReady()
    }
    if ('arrival' in message) this.arrivals.push(message.arrival)
    if ('frame' in message) this.frames.push(message.frame)
    if ('settled' in message) this.#settling.get(message.settled)?.()
    if ('id' in message) this.#running.get(message.id)?.take(message)
  }

  /**
   * Runs a command in a node's namespace: with the rights of the caller, as far as a user namespace gives them; with `power`,
   * also those over the node's network.
   */
  run(
    node: NodeName,
    argv: readonly string[],
    { env = process.env, cwd = process.cwd(), input = '' as LabRequest['input'], powerful = false } = {},
  ): LabCommand {
    const id = this.#next++
    const running = new Running()
    this.#running.set(id, running)
    const request: LabRequest = { id, node, argv, env, cwd, input, powerful }
    this.#process.send(request)
    return running
  }

  /** The process whose network and mount namespace the node is, for setns(2); an ordinary user's lab has a user namespace as well. */
  pidOf(node: NodeName): number {
    return this.#pids[node] ?? 0
  }

  /** Returns when all that had reached any node is among the arrivals. */
  async settle(): Promise<void> {
    const id = this.#next++
    const settled = new Promise<void>((resolve) => {
      this.#settling.set(id, resolve)
    })
    const request: SettleRequest = { settle: id }
    this.#process.send(request)
    await settled
    this.#settling.delete(id)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const over = once(this.#process, 'exit')
    this.#process.disconnect()
    await over
  }
}

/** Says that it is there, waits until its ids are mapped, and becomes what it is told. */
const WAIT_FOR_IDS = ['sh', '-c', 'echo && read -r go && exec "$@"', 'sh']

/**
 * Makes the test LAN of topology.ts in namespaces of its own, without root.
 *
 * @throws GloveboxError LAB_NOT_MADE
 */
export async function startLab({ self, ids, witness, terminal = false }: LabOptions): Promise<Lab> {
  const root = process.getuid?.() === 0
  const namespaces = root ? ['--net', '--mount'] : ['--user', '--keep-caps', '--net', '--mount']
  const words = [
    ...namespaces,
    '--',
    ...WAIT_FOR_IDS,
    ...self,
    'world',
    ...(witness === undefined ? [] : [witness]),
  ]
  const child = spawn('unshare', words, {
    // The last three are TERMINAL of world-process.ts.
    stdio: ['pipe', 'pipe', 'inherit', 'ipc', ...(terminal ? [0, 1, 2] : [])],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  })
  const over = once(child, 'exit').then(([code]) => Promise.reject(notMade(`its process ended with ${code}`)))
  over.catch(() => undefined)
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), over])
  if (!root) mapIds(child.pid ?? 0, ids)
  child.stdin?.end('go\n')
  const lab = new Lab(child)
  await Promise.race([lab.ready, over])
  return lab
}

/** Each id stays itself: what is mapped in the lab is mapped as outside of it. */
function mapIds(pid: number, ids: LabOptions['ids']): void {
  for (const [tool, own, maps] of [
    ['newuidmap', process.getuid?.() ?? 0, ids?.uids ?? []],
    ['newgidmap', process.getgid?.() ?? 0, ids?.gids ?? []],
  ] as const) {
    const ranges = [
      [own, 1],
      ...maps.filter(({ outside }) => outside !== own).map(({ outside, length }) => [outside, length]),
    ]
    const words = ranges.flatMap(([first = 0, count = 0]) => [first, first, count]).map(String)
    const { status, stderr } = spawnSync(tool, [String(pid), ...words], { encoding: 'utf8' })
    if (status !== 0) throw notMade(`${tool} said: ${stderr.trim()}`)
  }
}

function notMade(why: string): GloveboxError {
  return new GloveboxError({
    code: 'LAB_NOT_MADE',
    audience: 'host',
    message: `Cannot make the test LAN: ${why}.`,
    remedy: 'glovebox doctor says what this machine lacks.',
  })
}

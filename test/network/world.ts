import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileProgram } from '../../src/host/compile.ts'
import type { LogLine, WorldCalls } from './world-types.ts'

export type { LogLine } from './world-types.ts'

type Remote = {
  readonly [K in keyof WorldCalls]: (
    ...words: Parameters<WorldCalls[K]>
  ) => Promise<Awaited<ReturnType<WorldCalls[K]>>>
}

interface Message {
  readonly id?: number
  readonly value?: unknown
  readonly error?: string
  readonly log?: LogLine
}

/** A network namespace with an authority and a resolver in it; it ends with the test. */
export class World implements AsyncDisposable {
  readonly #folder: string
  readonly #process: ChildProcess
  readonly #pending = new Map<number, (message: Message) => void>()
  readonly #log: LogLine[] = []
  #wake: () => void = () => undefined
  #next = 0
  readonly call: Remote

  constructor(folder: string, child: ChildProcess) {
    this.#folder = folder
    this.#process = child
    child.on('message', (message: Message) => this.#take(message))
    this.call = new Proxy({} as Remote, {
      get:
        (_, name: string) =>
        (...words: readonly unknown[]): Promise<unknown> =>
          this.#call(name, words),
    })
  }

  #take(message: Message): void {
    if (message.log !== undefined) this.#log.push(message.log)
    if (message.id !== undefined) this.#pending.get(message.id)?.(message)
    this.#wake()
  }

  async #call(name: string, words: readonly unknown[]): Promise<unknown> {
    const id = this.#next++
    const answered = new Promise<Message>((resolve) => this.#pending.set(id, resolve))
    this.#process.send({ id, name, words })
    const message = await answered
    this.#pending.delete(id)
    if (message.error !== undefined) throw new Error(`${name}: ${message.error}`)
    return message.value
  }

  /** Waits for the next line that holds all of `part`, behind the one that was waited for before. */
  async logged(part: LogLine): Promise<LogLine> {
    for (;;) {
      const at = this.#log.findIndex((line) =>
        Object.entries(part).every(([key, value]) => line[key] === value),
      )
      if (at >= 0) return this.#log.splice(0, at + 1)[at] as LogLine
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Waits until something comes. */
  async more(): Promise<void> {
    if (this.#log.length > 0) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  /** All lines that came and were not waited for. */
  takeLog(): LogLine[] {
    return this.#log.splice(0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
    rmSync(this.#folder, { recursive: true })
  }
}

/** Root needs no user namespace, and has other users for the resolver to become. */
const NAMESPACE =
  process.getuid?.() === 0
    ? ['unshare', '--net']
    : ['unshare', '--user', '--map-root-user', '--map-auto', '--net']

/** Its loopback has the authority's address; the sets are those of the contract (docs/decisions/016-resolver.md). */
export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-resolver-'))
  chmodSync(folder, 0o755)
  const root = join(import.meta.dirname, '..', '..')
  const resolver = await compileProgram('resolver', folder, root)
  const [program = '', ...words] = [
    ...['setpriv', '--pdeathsig', 'KILL', '--', ...NAMESPACE, '--', 'setpriv', '--pdeathsig', 'KILL', '--'],
    ...['sh', '-c', 'ip link set lo up && ip addr add 198.51.100.1/32 dev lo && exec "$0" "$@"'],
    ...[process.execPath, join(import.meta.dirname, 'world-process.ts'), resolver, join(folder, 'policy')],
  ]
  const child = spawn(program, words, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  })
  const world = new World(folder, child)
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`the world ended with ${code}`))),
  ])
  await world.call.nft(
    'add table inet glovebox; ' +
      'add set inet glovebox allowed4 { type ipv4_addr; flags timeout; }; ' +
      'add set inet glovebox allowed6 { type ipv6_addr; flags timeout; }; ' +
      'add set inet glovebox allowed4_3 { type ipv4_addr; flags timeout; }; ' +
      'add set inet glovebox allowed6_3 { type ipv6_addr; flags timeout; }',
  )
  return world
}

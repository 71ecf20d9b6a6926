import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { startProgram } from '../host/program.ts'
import { decodeText, encodeWord, HELLO, LineReader } from './wire.ts'

/** How a request ended: the verb's exit code, `timeout`, or `lost` with the session. */
export type AnswerEnd = number | 'timeout' | 'lost'

export interface Answer {
  /** What the verb wrote; hostile. */
  readonly text: string
  readonly end: AnswerEnd
}

export interface AskOptions {
  /** Milliseconds until it is killed; 10,000 where absent. */
  readonly timeoutMs?: number
}

/** A request that is under way, whose objects live until it is released. */
export interface Held {
  /** What it has written so far. */
  readonly text: string
  /** Waits until it has written this, or has ended; returns whether it has. */
  until(text: string): Promise<boolean>
  /** Its standard input ends, which lets it go. */
  release(): Promise<Answer>
  readonly answer: Promise<Answer>
}

/** The probe program did not come up, or its sandbox has ended. */
export class SessionLost extends Error {
  override readonly name = 'SessionLost'
}

/** What one request may answer before the rest is dropped, in bytes: a box that floods is not to fill the memory. */
const MOST_TEXT = 512 * 1024
const DEFAULT_TIMEOUT_MS = 10_000
/** The words of a sandbox that are kept for reports. */
const MOST_WORDS = 16 * 1024

class Request implements Held {
  text = ''
  #waiting: (() => void)[] = []
  #end: AnswerEnd | undefined
  readonly answer: Promise<Answer>
  #finish: (answer: Answer) => void = () => undefined
  readonly #release: () => void

  constructor(release: () => void) {
    this.#release = release
    this.answer = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  add(text: string): void {
    if (this.text.length < MOST_TEXT) this.text += text
    this.#wake()
  }

  finish(end: AnswerEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#finish({ text: this.text, end })
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }

  async until(text: string): Promise<boolean> {
    while (!this.text.includes(text) && this.#end === undefined)
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    return this.text.includes(text)
  }

  release(): Promise<Answer> {
    this.#release()
    return this.answer
  }
}

/** What a process of the sandbox that outlives its command keeps open is not waited for longer than this. */
const STREAMS_MS = 300

/** When the command is gone, and its streams have been read to their ends, as far as they end. */
async function ended(child: ChildProcess, onError: (error: Error) => void): Promise<void> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', (error) => {
      onError(error)
      resolve()
    })
  })
  let timer: NodeJS.Timeout | undefined
  await Promise.race([
    closed,
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STREAMS_MS)
    }),
  ])
  clearTimeout(timer)
  for (const stream of [child.stdout, child.stderr]) stream?.destroy()
}

/** Milliseconds for a sandbox to end in order; a machine writes its disk back. */
export const END_MS = 30_000

export interface SessionStart {
  readonly argv: readonly [string, ...string[]]
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly descriptors?: readonly number[]
  /** Milliseconds for the probe program to say that it is there. */
  readonly startMs: number
  /** Ends the sandbox, whatever it is about. */
  readonly signal?: AbortSignal
}

/** Milliseconds for a sandbox to end when the exam is stopped. */
const STOP_MS = 2000

/** The probe program in one place, asked over its standard streams (guest/probe/serve.c). */
export class Session implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #requests = new Map<number, Request>()
  readonly #over: Promise<void>
  /** Begins somewhere: what a hostile box writes before it is asked is then an answer to nothing. */
  #next = randomInt(1, 2 ** 28)
  #alive = true
  #holders = 1
  #words = ''
  #left = ''
  #shown = ''
  #greeted: () => void = () => undefined

  private constructor(child: ChildProcess) {
    this.#child = child
    const reader = new LineReader((line) => this.#take(line))
    child.stdout?.on('data', (chunk: Buffer) => reader.push(chunk))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-MOST_WORDS)
    })
    child.stdin?.on('error', () => undefined) // the sandbox has ended: #over says so
    this.#over = ended(child, (error) => {
      this.#words += error.message
    }).then(() => {
      this.#alive = false
      for (const request of this.#requests.values()) request.finish('lost')
      this.#requests.clear()
    })
  }

  /** @throws SessionLost with the sandbox's own words; the signal's reason once it is aborted */
  static async start(start: SessionStart): Promise<Session> {
    start.signal?.throwIfAborted()
    const session = new Session(startProgram(start.argv, start))
    session.#endWith(start.signal)
    const greeted = new Promise<boolean>((resolve) => {
      session.#greeted = () => resolve(true)
    })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), start.startMs)
    })
    const up = await Promise.race([greeted, late, session.#over.then(() => false)])
    clearTimeout(timer)
    if (up) return session
    const why = session.#alive
      ? `it said nothing in ${start.startMs / 1000} s`
      : `it ended${session.#child.exitCode === null ? '' : ` with ${session.#child.exitCode}`}`
    await session.kill()
    const words = session.#words.trim().split('\n').slice(-4).join(' · ')
    throw new SessionLost(`the probe program did not start: ${why}${words === '' ? '' : `: ${words}`}`)
  }

  #endWith(signal: AbortSignal | undefined): void {
    const stop = (): void => {
      this.#child.stdin?.end()
      this.#child.kill('SIGTERM')
      setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS).unref()
    }
    signal?.addEventListener('abort', stop, { once: true })
    void this.#over.then(() => signal?.removeEventListener('abort', stop))
  }

  get alive(): boolean {
    return this.#alive
  }

  /** What the sandbox itself wrote on standard error; hostile. */
  get words(): string {
    return this.#words
  }

  /** After the end of a session on a terminal: what lies unread in its input, which the user's shell would be given. */
  get left(): string {
    return this.#left
  }

  /** What else came on standard output, which on a terminal is what its user sees; the beginning of it, and hostile. */
  get shown(): string {
    return this.#shown
  }

  /** The process of the sandbox's command on the host. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** How the sandbox's own command has ended; null while it runs, or where a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode
  }

  async ask(verb: string, words: readonly string[] = [], options: AskOptions = {}): Promise<Answer> {
    return this.#begin(verb, words, options.timeoutMs ?? DEFAULT_TIMEOUT_MS).answer
  }

  /** Starts what is to be looked at while it lasts. It is killed after `timeoutMs`, a minute where absent. */
  hold(verb: string, words: readonly string[] = [], options: AskOptions = {}): Held {
    return this.#begin(verb, words, options.timeoutMs ?? 60_000)
  }

  #begin(verb: string, words: readonly string[], timeoutMs: number): Request {
    const number = this.#next++
    const request = new Request(() => this.#send(`${number} .`))
    if (!this.#alive) {
      request.finish('lost')
      return request
    }
    this.#requests.set(number, request)
    this.#send([number, ...[verb, ...words].map(encodeWord)].join(' '))
    const timer = setTimeout(() => {
      this.#send(`${number} !`)
      request.finish('timeout')
    }, timeoutMs)
    void request.answer.then(() => clearTimeout(timer))
    return request
  }

  #send(line: string): void {
    if (this.#alive) this.#child.stdin?.write(`${line}\n`)
  }

  #take(line: string): void {
    if (line.startsWith(HELLO)) this.#greeted()
    if (line.startsWith('left ')) {
      this.#left += line.slice(5)
      return
    }
    const [number = '', sign, word = ''] = line.split(' ')
    const request = /^\d{1,9}$/.test(number) ? this.#requests.get(Number(number)) : undefined
    if (request === undefined) {
      if (this.#shown.length < MOST_WORDS) this.#shown += `${line}\n`
      return
    }
    if (sign === '+') request.add(decodeText(word))
    if (sign !== '=' || !/^\d{1,3}$/.test(word)) return
    this.#requests.delete(Number(number))
    request.finish(Number(word))
  }

  /** One more holds it: it ends when each of them has said `end`. Returns false where it is ending, or has ended. */
  join(): boolean {
    if (!this.#alive || this.#holders === 0) return false
    this.#holders++
    return true
  }

  /** Ends the sandbox in order with the last who holds it, and by force where it does not end in `graceMs` (5,000). */
  async end(graceMs = 5000): Promise<void> {
    if (this.#holders > 0) this.#holders--
    if (this.#holders > 0) return this.#over
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs)
    await this.#over
    clearTimeout(timer)
  }

  /** Ends the sandbox's own command without a warning. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#over
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end()
  }
}

import type { Readable, Writable } from 'node:stream'
import { killSupervisor, type Started } from './supervisor-process.ts'

export interface ProcessResult {
  /** The command's own; 126 or 127 where it could not be started, 128 + n for signal n. */
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: Buffer
}

/** What is kept in memory of each stream by `result()`; a box that writes more is read on, and the rest dropped. */
const RESULT_BYTES = 64 * 2 ** 20

/** A command that runs in a box. Its streams are the box's: untrusted bytes. */
export class BoxProcess implements AsyncDisposable {
  readonly #started: Started

  constructor(started: Started) {
    this.#started = started
    /* A command that has ended reads no more: its exit code says what there is to say, as in a shell's pipe. */
    started.process.stdin?.on('error', () => undefined)
  }

  /** Ends the command's input when it is ended. */
  get stdin(): Writable {
    return this.#started.process.stdin as Writable
  }

  get stdout(): Readable {
    return this.#started.stdout
  }

  get stderr(): Readable {
    return this.#started.stderr
  }

  get exitCode(): Promise<number> {
    return this.#started.exit
  }

  /** Passes a signal on to the command. */
  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    if (signal === 'SIGKILL') killSupervisor(this.#started.process)
    else this.#started.process.kill(signal)
  }

  /** Collects the output until the command ends. */
  async result(): Promise<ProcessResult> {
    const [stdout, stderr, exitCode] = await Promise.all([
      collect(this.stdout),
      collect(this.stderr),
      this.exitCode,
    ])
    return { exitCode, stdout, stderr }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    killSupervisor(this.#started.process)
    this.stdout.resume()
    this.stderr.resume()
    await this.exitCode
  }
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (bytes < RESULT_BYTES) chunks.push(chunk)
    bytes += chunk.length
  }
  return Buffer.concat(chunks).subarray(0, RESULT_BYTES)
}

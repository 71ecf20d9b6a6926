import type { ChildProcess, StdioOptions } from 'node:child_process'
import type { Readable } from 'node:stream'
import { GloveboxError } from '../errors.ts'
import { spawnHolder } from '../host/holder.ts'
import { stream } from '../host/lazy.ts'
import { explainFailure } from './explain.ts'

/** Descriptor of the status pipe in the supervisor: the first one behind the standard streams. */
export const STATUS_FD = 3
/** More than any failure's text; a supervisor is ours, and still bounded. */
const STATUS_BYTES = 64 * 1024

export interface Started {
  readonly process: ChildProcess
  /** The box's output, whole: what nobody reads stays in the pipe, and slows the box. */
  readonly stdout: Readable
  readonly stderr: Readable
  /** Exit code of the box: its command's own, 128 + n for signal n, 124 when its time was up. */
  readonly exit: Promise<number>
}

/**
 * Starts a holder as a child and waits until the box in it runs.
 *
 * @throws GloveboxError BOX_NOT_STARTED with the reason, HOLDER_NOT_STARTED
 */
export async function startSupervisor(
  command: readonly [string, ...string[]],
  streams: readonly [
    stdin: 'pipe' | 'ignore' | 'inherit',
    stdout: 'pipe' | 'ignore' | 'inherit',
    stderr: 'pipe' | 'ignore' | 'inherit',
  ],
  options: { readonly detached: boolean; readonly signal?: AbortSignal },
): Promise<Started> {
  const stdio: StdioOptions = [...streams, 'pipe']
  const child = spawnHolder(command, stdio, options.detached)
  /* At the child's exit Node throws away what nobody reads yet (flushStdio in lib/internal/child_process.js). */
  const [stdout, stderr] = [keep(child.stdout), keep(child.stderr)]
  const closed = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 137)))
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 137)))
  const abort = (): void => {
    killSupervisor(child)
  }
  options.signal?.addEventListener('abort', abort, { once: true })
  try {
    await Promise.race([untilStarted(child), failedToSpawn(child)])
  } catch (error) {
    await exited
    throw options.signal?.aborted ? options.signal.reason : error
  }
  const exit = (options.detached ? exited : closed).finally(() =>
    options.signal?.removeEventListener('abort', abort),
  )
  return { process: child, stdout, stderr, exit }
}

function keep(output: Readable | null): Readable {
  return output === null ? stream().Readable.from([]) : output.pipe(new (stream().PassThrough)())
}

/** SIGNAL_KILL_NOW of native/holder.h: the supervisor ends the box at once and still cleans up. */
export const SIGNAL_KILL_NOW = 40

export function killSupervisor(child: ChildProcess): void {
  if (child.pid !== undefined && child.exitCode === null) process.kill(child.pid, SIGNAL_KILL_NOW)
}

function failedToSpawn(child: ChildProcess): Promise<never> {
  return new Promise((_resolve, reject) =>
    child.once('error', (cause) =>
      reject(
        new GloveboxError({
          code: 'HOLDER_NOT_STARTED',
          audience: 'host',
          message: `Cannot start the holder: ${cause.message}.`,
          remedy: 'Compile it with: glovebox setup',
          cause,
        }),
      ),
    ),
  )
}

/** Reads the status until its first line; `failed` is followed by the reason up to the end. */
function untilStarted(child: ChildProcess): Promise<void> {
  const status = child.stdio[STATUS_FD] as Readable
  return new Promise((resolve, reject) => {
    let text = ''
    status.setEncoding('utf8')
    status.on('data', (chunk: string) => {
      if (text.length < STATUS_BYTES) text += chunk
      if (text.startsWith('{"event":"started"')) resolve()
    })
    status.once('error', reject)
    status.once('end', () => reject(explainFailure(text.slice(text.indexOf('\n') + 1))))
  })
}

import { GloveboxError } from '../errors.ts'
import { childProcess } from './lazy.ts'
import type { ProcessIdentity } from './process-identity.ts'
import type { ToolResult } from './spawn.ts'

/** A list of 10,000 rules is 2 MiB; what is cut off would be taken for all there is. */
const MOST_OUTPUT = 64 * 1024 * 1024
const MOST_WORDS = 16 * 1024

/**
 * Runs a program of the host in the gate that `anchor` belongs to, with no more power than over that gate (native/enter.c).
 *
 * @param argv begins with the program's path
 * @throws GloveboxError HOLDER_NOT_STARTED, GATE_OUTPUT_TOO_LONG
 */
export function runInGate(
  holder: string,
  anchor: ProcessIdentity,
  argv: readonly [string, ...string[]],
  input: string,
): Promise<ToolResult> {
  return runHolder(holder, ['gate', ...target(anchor), '--', ...argv], input)
}

/** Has the resolver read its policy anew; `keeper` passes that on. @throws GloveboxError HOLDER_NOT_STARTED */
export function rereadInGate(holder: string, keeper: ProcessIdentity): Promise<ToolResult> {
  return runHolder(holder, ['reread', ...target(keeper)], '')
}

/** Frees what nobody has any more of a network of boxes (native/join.c). @throws GloveboxError HOLDER_NOT_STARTED */
export function tidyNetwork(holder: string, folder: string): Promise<ToolResult> {
  return runHolder(holder, ['tidy', folder], '')
}

const target = ({ pid, startTime }: ProcessIdentity): string[] => ['--target', String(pid), startTime]

async function runHolder(holder: string, words: readonly string[], input: string): Promise<ToolResult> {
  const child = childProcess().spawn(holder, words, { stdio: ['pipe', 'pipe', 'pipe'], env: {} })
  const parts: Buffer[] = []
  let [bytes, stderr] = [0, '']
  // A tool that ends before it has read all says why by its exit code.
  child.stdin.on('error', () => undefined)
  child.stdout.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes <= MOST_OUTPUT) parts.push(part)
    else child.kill('SIGKILL')
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(0, MOST_WORDS)
  })
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(notStarted(cause)))
    child.once('close', (code) => resolve(code ?? 137))
  })
  child.stdin.end(input)
  const exitCode = await exit
  if (bytes > MOST_OUTPUT) throw tooLong()
  return { exitCode, stdout: Buffer.concat(parts).toString(), stderr }
}

function notStarted(cause: Error): GloveboxError {
  return new GloveboxError({
    code: 'HOLDER_NOT_STARTED',
    audience: 'host',
    message: `Cannot start the holder: ${cause.message}.`,
    remedy: 'Compile it with: glovebox setup',
    cause,
  })
}

function tooLong(): GloveboxError {
  return new GloveboxError({
    code: 'GATE_OUTPUT_TOO_LONG',
    audience: 'host',
    message: `Cannot read the rules of a box's network: they are longer than ${MOST_OUTPUT >> 20} MiB.`,
    remedy: 'Allow fewer addresses.',
  })
}

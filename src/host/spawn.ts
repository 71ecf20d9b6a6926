import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { GloveboxError } from '../errors.ts'

export interface ToolResult {
  readonly exitCode: number
  /** The last bytes of each stream that was captured. */
  readonly stdout: string
  readonly stderr: string
}

export interface ToolOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stdin?: 'ignore' | 'inherit'
  readonly signal?: AbortSignal
  /** Works on the process' streams while it runs; where it takes stdout, none is captured. */
  readonly use?: (process: ChildProcess) => Promise<void>
  /** Called for each line of stderr: how a tool's progress reaches a person. */
  readonly onLine?: (line: string) => void
}

/** What is kept of a tool's output: its end is where errors are. */
const CAPTURE_BYTES = 256 * 1024

function capture(stream: NodeJS.ReadableStream | null, onLine?: (line: string) => void): () => string {
  let text = ''
  let partial = ''
  stream?.setEncoding('utf8')
  stream?.on('data', (chunk: string) => {
    text = (text + chunk).slice(-CAPTURE_BYTES)
    if (onLine === undefined) return
    const lines = (partial + chunk).split(/\r?\n|\r/)
    partial = (lines.pop() ?? '').slice(-4096)
    for (const line of lines) onLine(line)
  })
  return () => text
}

/**
 * Runs a tool of the host to its end, by argument vector and in the C locale, so that its words can be read.
 *
 * @throws GloveboxError TOOL_MISSING where it is not installed; the signal's reason where it was aborted
 */
export async function spawnTool(
  argv: readonly [string, ...string[]],
  options: ToolOptions = {},
): Promise<ToolResult> {
  const [program, ...args] = argv
  const stdio: StdioOptions = [options.stdin ?? 'ignore', 'pipe', 'pipe']
  const child = spawn(program, args, {
    stdio,
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...options.env },
    signal: options.signal,
    killSignal: 'SIGTERM',
  })
  const stdout = options.use === undefined ? capture(child.stdout) : () => ''
  const stderr = capture(child.stderr, options.onLine)
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(options.signal?.aborted ? options.signal.reason : missing(program, cause)),
    )
    child.once('close', (code) => resolve(code ?? 137))
  })
  try {
    const [exitCode] = await Promise.all([exit, options.use?.(child)])
    return { exitCode, stdout: stdout(), stderr: stderr() }
  } catch (error) {
    child.kill('SIGTERM')
    await exit.catch(() => undefined)
    throw error
  }
}

function missing(program: string, cause: Error): GloveboxError {
  return new GloveboxError({
    code: 'TOOL_MISSING',
    audience: 'host',
    message: `Cannot run ${program}: ${(cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not installed' : cause.message}.`,
    remedy: 'Install what is missing with: glovebox setup',
    cause,
  })
}

import type { ChildProcess, StdioOptions } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import { childProcess } from './lazy.ts'
import { searchPath } from './search-path.ts'

export interface ToolResult {
  readonly exitCode: number
  /** The last bytes of each stream that was captured. */
  readonly stdout: string
  readonly stderr: string
}

export interface ToolOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly stdin?: 'ignore' | 'inherit' | 'pipe'
  readonly signal?: AbortSignal
  /** Works on the process' streams while it runs; where it takes stdout, none is captured. */
  readonly use?: (process: ChildProcess) => Promise<void>
  /** Called for each line of stderr: how a tool's progress reaches a person. */
  readonly onLine?: (line: string) => void
  /** The same for stdout. */
  readonly onOutputLine?: (line: string) => void
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

/** Where a tool lies, as the shell would find it; /usr/sbin is looked through too, which ordinary users lack in PATH. */
export function findTool(name: string): string | undefined {
  const folders = `${process.env['PATH'] ?? ''}:/usr/bin:/bin:/usr/sbin:/sbin`.split(':')
  const paths = name.includes('/') ? [name] : folders.map((folder) => `${folder}/${name}`)
  return paths.find((path) => path.startsWith('/') && isProgram(path))
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Runs a tool of the host to its end, by argument vector and in the C locale, so that its words can be read. It is
 * killed when this process ends, however that comes about (setpriv(1), prctl(2) PR_SET_PDEATHSIG).
 *
 * @throws GloveboxError TOOL_MISSING where it is not installed; the signal's reason where it was aborted
 */
export async function spawnTool(
  argv: readonly [string, ...string[]],
  options: ToolOptions = {},
): Promise<ToolResult> {
  options.signal?.throwIfAborted()
  const [name, ...args] = argv
  const [program, setpriv] = [findTool(name), findTool('setpriv')]
  if (program === undefined || setpriv === undefined) throw missing(program === undefined ? name : 'setpriv')
  const stdio: StdioOptions = [options.stdin ?? 'ignore', 'pipe', 'pipe']
  const child = childProcess().spawn(setpriv, ['--pdeathsig', 'KILL', '--', program, ...args], {
    stdio,
    cwd: options.cwd,
    env: { ...process.env, PATH: searchPath(), LC_ALL: 'C.UTF-8', ...options.env },
    signal: options.signal,
    killSignal: 'SIGTERM',
  })
  const stdout = options.use === undefined ? capture(child.stdout, options.onOutputLine) : () => ''
  const stderr = capture(child.stderr, options.onLine)
  const exit = new Promise<number>((resolve, reject) => {
    child.once('error', (cause) =>
      reject(options.signal?.aborted ? options.signal.reason : missing(name, cause)),
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

function missing(program: string, cause?: Error): GloveboxError {
  return new GloveboxError({
    code: 'TOOL_MISSING',
    audience: 'host',
    message: `Cannot run ${program}: ${cause === undefined ? 'it is not installed' : cause.message}.`,
    remedy: 'Install what is missing with: glovebox setup',
    cause,
  })
}

import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { packageRoot } from './build-info.ts'
import { compileProgram, PROGRAM_NAMES } from './compile.ts'
import type { HostPaths } from './paths.ts'
import type { SetupStep } from './setup-plan.ts'
import { spawnTool } from './spawn.ts'
import { findTool } from './tools.ts'
import { programsFolder } from './view.ts'

export interface SetupOptions {
  readonly onStep?: (what: string) => void
  /** Lines that the tools print. */
  readonly onLine?: (line: string) => void
  readonly signal?: AbortSignal
}

/** What came of one step. */
export interface SetupResult {
  readonly what: string
  /** Optional steps may fail; the words say why. */
  readonly failed?: string
}

type Words = readonly [string, ...string[]]

const asRoot = (argv: Words, uid: number): Words => (uid === 0 ? argv : ['sudo', ...argv])

/** The exact words that a step executes, with sudo where this is not root. */
export function commandsOf(step: SetupStep, uid: number, paths: HostPaths): Words[] {
  if (step.kind === 'compile') return []
  if (step.kind === 'command') return [asRoot(step.argv, uid)]
  return [asRoot(installWords(step, paths), uid), asRoot(step.afterwards, uid)]
}

/**
 * Does the steps in order, the ones for root by sudo(8), which asks for the password itself. Ends at the first that
 * fails and is not optional.
 *
 * @throws GloveboxError SETUP_FAILED, SUDO_MISSING, and what compileProgram says
 */
export async function runSetup(
  steps: readonly SetupStep[],
  paths: HostPaths,
  options: SetupOptions = {},
): Promise<SetupResult[]> {
  const uid = process.getuid?.() ?? 0
  if (uid !== 0 && steps.some((step) => step.kind !== 'compile') && findTool('sudo') === undefined)
    throw new GloveboxError({
      code: 'SUDO_MISSING',
      audience: 'host',
      message: 'Cannot set this machine up: that takes root for some steps, and there is no sudo here.',
      remedy: `Let root run:\n${steps.flatMap((step) => commandsOf(step, 0, paths).map((words) => words.join(' '))).join('\n')}\nthen again: glovebox setup`,
    })
  const results: SetupResult[] = []
  for (const step of steps) {
    options.signal?.throwIfAborted()
    options.onStep?.(step.what)
    const failed = await runStep(step, uid, paths, options)
    results.push(failed === undefined ? { what: step.what } : { what: step.what, failed })
  }
  return results
}

async function runStep(
  step: SetupStep,
  uid: number,
  paths: HostPaths,
  options: SetupOptions,
): Promise<string | undefined> {
  if (step.kind === 'compile') {
    const out = programsFolder(paths)
    await Promise.all(PROGRAM_NAMES.map((name) => compileProgram(name, out, packageRoot(), options.signal)))
    return undefined
  }
  if (step.kind === 'command') return run(asRoot(step.argv, uid), step.optional, options)
  writeFileSync(drafted(step, paths), step.text, { mode: 0o600 })
  await run(asRoot(installWords(step, paths), uid), false, options)
  return run(asRoot(step.afterwards, uid), false, options)
}

type FileStep = Extract<SetupStep, { readonly kind: 'file' }>

/** Where the text of a file lies before root installs it: in a folder that is the user's alone. */
const drafted = (step: FileStep, paths: HostPaths): string => join(paths.cache, basename(step.path))

const installWords = (step: FileStep, paths: HostPaths): Words => [
  'install',
  ...['-o', 'root', '-g', 'root', '-m', '0644'],
  ...[drafted(step, paths), step.path],
]

async function run(argv: Words, optional: boolean, options: SetupOptions): Promise<string | undefined> {
  const { onLine, signal } = options
  const { exitCode, stderr, stdout } = await spawnTool(argv, {
    // sudo asks on the terminal.
    stdin: 'inherit',
    ...(onLine === undefined ? {} : { onLine, onOutputLine: onLine }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (exitCode === 0) return undefined
  const why = lastLine(stderr) ?? lastLine(stdout) ?? `it ended with ${exitCode}`
  if (optional) return why
  throw new GloveboxError({
    code: 'SETUP_FAILED',
    audience: 'host',
    message: `Cannot set this machine up: ${argv.join(' ')} failed: ${why}`,
    remedy: 'Repair what it says, then again: glovebox setup',
    details: { argv, exitCode, stderr },
  })
}

function lastLine(text: string): string | undefined {
  return text
    .trim()
    .split('\n')
    .findLast((line) => line.trim() !== '')
}

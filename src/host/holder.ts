import type { ChildProcess, StdioOptions } from 'node:child_process'
import { GloveboxError } from '../errors.ts'
import { becomeProgram } from './handover.ts'
import { childProcess } from './lazy.ts'
import { searchPath } from './search-path.ts'
import type { HolderJob, HolderMount, IdMap, IdMaps } from './types.ts'

/** The holder's command-line words for id maps; native/options.c reads them. */
export function idMapWords(ids: IdMaps): string[] {
  const words = (flag: string, map: IdMap): string[] => [
    flag,
    String(map.inside),
    String(map.outside),
    String(map.length),
  ]
  return [
    ...ids.uids.flatMap((map) => words('--map-uid', map)),
    ...ids.gids.flatMap((map) => words('--map-gid', map)),
  ]
}

export function mountWords(mounts: readonly HolderMount[]): string[] {
  return mounts.flatMap((mount) =>
    mount.kind === 'tmpfs'
      ? ['--tmpfs', mount.target, String(mount.sizeBytes)]
      : [`--${mount.kind}`, mount.source, mount.target],
  )
}

/** Argument vector (without the program itself) that runs a job; pure. */
export function jobWords(job: HolderJob): string[] {
  const words = ['run', ...idMapWords(job.ids), ...mountWords(job.mounts)]
  if (job.network === 'host') words.push('--host-network')
  if (job.overlay !== undefined) {
    for (const lower of job.overlay.lowers) words.push('--lower', lower)
    const { upper } = job.overlay
    if ('dir' in upper) words.push('--upper', upper.dir)
    else words.push('--upper-tmpfs', String(upper.tmpfsBytes))
  }
  for (const [name, value] of Object.entries(job.env)) words.push('--env', `${name}=${value}`)
  return [...words, '--stdio', 'inherit', '--die-with-parent', '--', ...job.argv]
}

export interface JobExit {
  /** The tool's own exit code; 128 + n where signal n ended it. */
  readonly exitCode: number
}

export interface RunningJob {
  readonly process: ChildProcess
  readonly exit: Promise<JobExit>
}

/**
 * Starts a trusted tool as the subordinate root, in a root of its own (native/main.c says how). The caller owns the
 * streams; the job dies with this process.
 *
 * @throws GloveboxError HOLDER_NOT_STARTED where the compiled holder is missing
 */
export function startJob(
  holder: string,
  job: HolderJob,
  stdio: StdioOptions,
  signal?: AbortSignal,
): RunningJob {
  const child = childProcess().spawn(holder, jobWords(job), { stdio, env: holderEnv() })
  const stop = (): void => {
    child.kill('SIGKILL')
  }
  signal?.addEventListener('abort', stop, { once: true })
  const exit = new Promise<JobExit>((resolve, reject) => {
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
    )
    child.once('close', (code) => resolve({ exitCode: code ?? 137 }))
  }).finally(() => signal?.removeEventListener('abort', stop))
  return { process: child, exit }
}

/** What the image room is given: starts a job and waits for its end. */
export type RunJob = (
  job: HolderJob,
  stdio: StdioOptions,
  use?: (process: ChildProcess) => Promise<void>,
  signal?: AbortSignal,
) => Promise<JobExit>

/** Binds the path of the compiled holder; `use` works on the process' streams while it runs. */
export function jobRunner(holder: string): RunJob {
  return async (job, stdio, use, signal) => {
    const running = startJob(holder, job, stdio, signal)
    try {
      const [exit] = await Promise.all([running.exit, use?.(running.process)])
      return exit
    } catch (error) {
      running.process.kill('SIGKILL')
      await running.exit.catch(() => undefined)
      throw error
    }
  }
}

/** Starts a holder with the words that src/box has put together; the caller owns the streams. */
export function spawnHolder(
  command: readonly [string, ...string[]],
  stdio: StdioOptions,
  detached: boolean,
): ChildProcess {
  const [program, ...words] = command
  return childProcess().spawn(program, words, { stdio, detached, env: holderEnv() })
}

/** This process becomes the holder: what it was is gone, and its memory with it. */
export function becomeHolder(handover: string, command: readonly [string, ...string[]]): never {
  return becomeProgram(handover, command, holderEnv())
}

/** newuidmap(1) must be found; nothing else of the user's environment goes along. */
function holderEnv(): Record<string, string> {
  const { XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS } = process.env
  /* The last two are for systemd-run(1), which asks the user's own manager. */
  return Object.fromEntries(
    Object.entries({ PATH: searchPath(), XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as Record<string, string>
}

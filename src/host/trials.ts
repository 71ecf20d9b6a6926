import { jobWords } from './holder.ts'
import { childProcess } from './lazy.ts'
import { searchPath } from './search-path.ts'
import type { HolderMount, IdMaps } from './types.ts'

/** A trial that takes longer has failed: gVisor's takes 0.2 s where it works. */
const DEADLINE_MS = 20_000
const OUTPUT_BYTES = 64 * 1024

export interface TrialEnd {
  readonly ok: boolean
  /** What the tool said, standard output first. */
  readonly words: string
}

/** Runs a program of the host to its end, with nothing on its input. Synchronous: the first run waits for it anyway. */
export function tryProgram(
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): TrialEnd {
  const [program, ...args] = argv
  const { status, stdout, stderr, error } = childProcess().spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: DEADLINE_MS,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_BYTES,
    env: { PATH: searchPath(), LC_ALL: 'C.UTF-8', ...env },
  })
  return { ok: status === 0, words: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` }
}

/** The same as the subordinate root in the holder's own root: the very setting in which boxes are made. */
export function tryInHolder(
  holder: string,
  ids: IdMaps,
  argv: readonly [string, ...string[]],
  mounts: readonly HolderMount[] = [],
): TrialEnd {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
  return tryProgram([holder, ...jobWords({ ids, mounts, network: 'none', argv, env })])
}

/**
 * Joins two folders by overlayfs on a tmpfs, deletes a folder of the lower one and makes it anew: it must be empty.
 * That takes extended attributes of the user's on a tmpfs (Linux 6.6) and overlayfs in a user namespace (5.11).
 */
const OVERLAY_TRIAL = `cd /tmp
mkdir lower lower/folder upper work merged
touch lower/folder/file
mount -t overlay -o userxattr,lowerdir=/tmp/lower,upperdir=/tmp/upper,workdir=/tmp/work overlay /tmp/merged
rm -r merged/folder
mkdir merged/folder
test -z "$(ls -A merged/folder)"`

export function tryOverlayOnTmpfs(holder: string, ids: IdMaps): TrialEnd {
  return tryInHolder(holder, ids, ['/bin/sh', '-ec', OVERLAY_TRIAL])
}

/** The ways in which gVisor can catch system calls, the quickest first (https://gvisor.dev/docs/architecture_guide/platforms). */
const PLATFORMS = ['systrap', 'ptrace'] as const

/** A program of the host, and where it is seen in the holder's root. */
export interface SeenAs {
  readonly source: string
  readonly target: string
}

/** Runs one small program under each platform until one works. */
export function tryGvisor(runsc: SeenAs, holder: string, ids: IdMaps): string | undefined {
  return PLATFORMS.find((platform) => {
    const flags = ['--root', '/tmp/state', '--network=none', `--platform=${platform}`, '--ignore-cgroups']
    const argv = [runsc.target, ...flags, 'do', '/bin/true'] as const
    return tryInHolder(holder, ids, argv, [{ kind: 'ro', ...runsc }]).ok
  })
}

/** What a runtime says to `--version`, in the setting in which it starts boxes. */
export function versionInHolder(runtime: SeenAs, holder: string, ids: IdMaps): string {
  return tryInHolder(holder, ids, [runtime.target, '--version'], [{ kind: 'ro', ...runtime }]).words
}

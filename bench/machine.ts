import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'

/** What a reader of the numbers must know of the machine. */
export function machineFacts(): string {
  const [cpu] = cpus()
  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GiB`
  const load = readFileSync('/proc/loadavg', 'latin1').split(' ')[0]
  const words = [`Linux ${release()}`, `Node ${process.version}`, `${cpus().length} x ${cpu?.model}`, memory]
  return `${words.join(', ')}, load ${load}, uid ${process.getuid?.()}`
}

/** As much of a processor as a program that wants all of one must get, for wall clocks to say something. */
const QUIET = 0.9
const SPIN_MS = 300

/** A warning where others use the machine so much that wall clocks, and caches, say little; undefined where not. */
export function noiseWarning(): string | undefined {
  const [begin, used] = [performance.now(), process.cpuUsage()]
  while (performance.now() - begin < SPIN_MS);
  const { user, system } = process.cpuUsage(used)
  const share = (user + system) / 1000 / (performance.now() - begin)
  const load = readFileSync('/proc/loadavg', 'latin1').split(' ')[0]
  return share < QUIET
    ? `Warning: the machine was busy (load ${load}; a loop got ${(share * 100).toFixed(0)} % of a processor): trust CPU, not wall.`
    : undefined
}

/** cgroup v1 with v2 beside it, where crun alone does not start ("cgroups in hybrid mode not supported"). */
const isHybrid = (): boolean => existsSync('/sys/fs/cgroup/unified')

const MOUNT_V2 = 'mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"'

/**
 * As root: goes on as the user of `--user NAME`, and where cgroups are hybrid in a mount namespace with cgroup v2 alone,
 * which is what a machine of today has.
 *
 * @param startsCrun without Glovebox around it
 * @returns the exit code of what went on elsewhere, or undefined where this process is the right one
 */
export function goOnElsewhere(user: string | undefined, startsCrun: boolean): number | undefined {
  const hybrid = startsCrun && isHybrid()
  if (hybrid && process.getuid?.() !== 0)
    throw new Error('crun alone does not start with hybrid cgroups: run this as root, with --user NAME.')
  const mounted = hybrid
    ? ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', MOUNT_V2, 'sh']
    : []
  const as = user === undefined ? [] : ['runuser', '-u', user, '--', 'env', `HOME=${homeOf(user)}`]
  const [program, ...words] = [...mounted, ...as]
  if (program === undefined) return undefined
  const at = process.argv.indexOf('--user')
  const own = at < 0 ? process.argv : process.argv.toSpliced(at, 2)
  return spawnSync(program, [...words, process.execPath, ...own.slice(1)], { stdio: 'inherit' }).status ?? 1
}

function homeOf(user: string): string {
  const row = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${user}:`))
  if (row === undefined) throw new Error(`There is no user ${user}.`)
  return row.split(':')[5] ?? '/'
}

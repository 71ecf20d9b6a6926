import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The controllers that bound something a policy knows. */
export type Controller = 'memory' | 'cpu' | 'pids'
export const CONTROLLERS: readonly Controller[] = ['memory', 'cpu', 'pids']

/** Which controllers this process may bound a box by, and where. Empty where it may not. */
export interface CgroupFacts {
  /** cgroup v2: boxes get a folder in `parent`, which this process may write in and which hands these on. */
  readonly v2: { readonly parent: string; readonly controllers: readonly Controller[] } | undefined
  /** systemd-run(1) can make a scope with these. `user`: by the user's own manager. */
  readonly systemd: { readonly user: boolean; readonly controllers: readonly Controller[] } | undefined
  /** cgroup v1: the folder of each controller in which a box's is made. */
  readonly v1: Readonly<Partial<Record<Controller, string>>>
}

/** A mounted cgroup hierarchy, of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export interface CgroupMount {
  readonly version: 1 | 2
  /** What of the hierarchy is mounted there. */
  readonly root: string
  readonly at: string
  /** Super block options: of v1, its controllers. */
  readonly options: readonly string[]
}

export function parseCgroupMounts(mountinfo: string): CgroupMount[] {
  return mountinfo.split('\n').flatMap((line): CgroupMount[] => {
    const [head = '', tail = ''] = line.split(' - ')
    const [type, , options = ''] = tail.split(' ')
    const [, , , root, at] = head.split(' ')
    if ((type !== 'cgroup' && type !== 'cgroup2') || root === undefined || at === undefined) return []
    return [{ version: type === 'cgroup' ? 1 : 2, root, at, options: options.split(',') }]
  })
}

/** Path of this process in each hierarchy, of /proc/self/cgroup (cgroups(7)); v2 has the empty name. */
export function parseOwnCgroups(text: string): Map<string, string> {
  const paths = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, names, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (names === undefined || path === undefined) continue
    for (const name of names.split(',')) paths.set(name, path)
  }
  return paths
}

/** Where `path` of a hierarchy lies in the file system; undefined where the mount does not show it. */
export function locate(mount: CgroupMount, path: string): string | undefined {
  if (path.includes('/..')) return undefined
  if (mount.root === '/') return join(mount.at, path)
  return path === mount.root || path.startsWith(`${mount.root}/`)
    ? join(mount.at, path.slice(mount.root.length))
    : undefined
}

/** Reads what this machine offers; a dozen small files, nothing is started or changed. */
export function readCgroups(uid: number): CgroupFacts {
  const mounts = parseCgroupMounts(read('/proc/self/mountinfo'))
  const own = parseOwnCgroups(read('/proc/self/cgroup'))
  const unified = mounts.find((mount) => mount.version === 2)
  const systemd = findSystemd(uid, unified)
  return {
    // Where systemd runs it is the one writer of its tree (https://systemd.io/CGROUP_DELEGATION): it is asked instead.
    v2: unified === undefined || systemd !== undefined ? undefined : findParent(unified, own.get('')),
    systemd,
    v1: Object.fromEntries(
      CONTROLLERS.flatMap((controller) => {
        const dir = findV1(controller, mounts, own.get(controller))
        return dir === undefined ? [] : [[controller, dir]]
      }),
    ),
  }
}

/**
 * The nearest cgroup around this process that may have children with controllers and be moved into: write permission
 * on its folder and on its cgroup.procs, the common ancestor's (cgroup-v2.rst, "Delegation Containment").
 */
export function findParent(mount: CgroupMount, path: string | undefined): CgroupFacts['v2'] {
  const own = path === undefined ? undefined : locate(mount, path)
  if (own === undefined) return undefined
  for (let dir = own; ; dir = dirname(dir)) {
    const controllers = controllersIn(join(dir, 'cgroup.subtree_control'))
    if (controllers.length > 0 && mayWrite(dir) && mayWrite(join(dir, 'cgroup.procs')))
      return { parent: dir, controllers }
    if (dir === mount.at || !dir.startsWith(mount.at)) return undefined
  }
}

function findSystemd(uid: number, unified: CgroupMount | undefined): CgroupFacts['systemd'] {
  if (unified === undefined || !existsSync('/run/systemd/system') || !existsSync('/usr/bin/systemd-run'))
    return undefined
  if (uid === 0) {
    const controllers = controllersIn(join(unified.at, 'cgroup.subtree_control'))
    return controllers.length > 0 ? { user: false, controllers } : undefined
  }
  // The manager's socket: systemd-run(1) --user needs nothing else, and without it cannot work.
  if (!existsSync(`/run/user/${uid}/systemd/private`)) return undefined
  const service = `user.slice/user-${uid}.slice/user@${uid}.service`
  const controllers = controllersIn(join(unified.at, service, 'cgroup.controllers'))
  return controllers.length > 0 ? { user: true, controllers } : undefined
}

function findV1(controller: Controller, mounts: readonly CgroupMount[], path = '/'): string | undefined {
  const mount = mounts.find((one) => one.version === 1 && one.options.includes(controller))
  if (mount === undefined) return undefined
  // A container often shows the hierarchy's root where the path names a folder above it.
  const dir = [locate(mount, path), mount.at].find((one) => one !== undefined && existsSync(one))
  return dir !== undefined && mayWrite(dir) ? dir : undefined
}

function controllersIn(file: string): Controller[] {
  const names = read(file).split(/\s+/)
  return CONTROLLERS.filter((controller) => names.includes(controller))
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    // Whatever the reason, nothing can be bounded there.
    return false
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Absent, or hidden from this user: the same as not offered.
    return ''
  }
}

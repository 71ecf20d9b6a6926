import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Folders of the cgroups that a process is in (cgroups(7)), of version 2 first; none where it has ended. */
export function cgroupOf(pid: number): string[] {
  const places = cgroupMounts()
  return readOptional(`/proc/${pid}/cgroup`)
    .split('\n')
    .flatMap((line) => {
      const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
      const mount = controllers === undefined ? undefined : places.get(controllers)
      return mount === undefined || path === undefined ? [] : [{ controllers, folder: join(mount, path) }]
    })
    .sort((a, b) => Number(a.controllers !== '') - Number(b.controllers !== ''))
    .map(({ folder }) => folder)
}

/** Whether a cgroup has processes, and all that go on are in a tree, which is looked at after it; one of an outer pid namespace is 0. */
export function isCgroupOf(folder: string, tree: () => readonly number[]): boolean {
  const members = readOptional(join(folder, 'cgroup.procs')).split('\n').filter(Boolean).map(Number)
  const known = new Set(members.length > 0 ? tree() : [])
  return (
    members.length > 0 && members.every((pid) => known.has(pid) || (pid > 0 && !existsSync(`/proc/${pid}`)))
  )
}

/** Controllers → where they are mounted; version 2 has no name. */
function cgroupMounts(): Map<string, string> {
  const found = new Map<string, string>()
  for (const line of readOptional('/proc/self/mountinfo').split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const [root, place] = before.split(' ').slice(3)
    const [type, , options = ''] = after.split(' ')
    if (root !== '/' || place === undefined) continue
    if (type === 'cgroup2') found.set('', place)
    if (type === 'cgroup')
      for (const option of options.split(','))
        if (option !== 'rw' && option !== 'ro') found.set(option, place)
  }
  return found
}

/** Identity of the network namespace of a process (namespaces(7)); undefined where it may not be seen. */
export function networkOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined // it has ended, or is another user's
  }
}

/** Whether any process of this machine is in a network namespace. */
export const isNetworkUsed = (network: string): boolean =>
  readdirSync('/proc').some((entry) => /^\d+$/.test(entry) && networkOf(Number(entry)) === network)

function readOptional(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // it has ended
  }
}

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { treeOf } from '../files/process-tree.ts'
import { cgroupOf, isCgroupOf, isNetworkUsed, networkOf } from './namespaces.ts'
import { LEAVES_AS_ROOT, runOnHost, staysThere } from './own-probe.ts'

/** What is asked for inside, and looked for on the host: each name holds the nonce. */
interface Wanted {
  readonly mount: string
  readonly tap: string
  readonly cgroup: string
}

function wantedObjects(scene: Scene): Wanted {
  const mark = scene.nonce().slice(0, 12)
  const own = cgroupOf(process.pid)[0] ?? '/sys/fs/cgroup'
  return {
    mount: join(scene.folder, `glovebox-canary-${mark}`),
    tap: `gbx${mark}`,
    cgroup: join(own, `glovebox-canary-${mark}`),
  }
}

function found({ mount, tap, cgroup }: Wanted): string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
  return [
    ...(mounts.some((line) => line.split(' ')[4] === mount) ? ['a mount'] : []),
    ...(existsSync(`/sys/class/net/${tap}`) ? ['a network interface'] : []),
    ...(existsSync(cgroup) ? ['a cgroup'] : []),
  ]
}

/** What the sandbox itself has made for its processes and should take away: cgroups and network namespaces of theirs alone. */
function surroundings(pid: number): () => string[] {
  const tree = treeOf(pid)
  /* A process that has just ended stands in the root of each hierarchy of version 1 (proc_cgroup_show() in kernel/cgroup), which is nobody's own. */
  const cgroups = [...new Set(tree.flatMap(cgroupOf))].filter((path) => isCgroupOf(path, () => treeOf(pid)))
  const networks = [...new Set(tree.flatMap((one) => networkOf(one) ?? []))]
  const foreign = networks.filter((network) => network !== networkOf(process.pid))
  return () => [
    ...cgroups.filter((path) => existsSync(path)).map(() => 'a cgroup of the box'),
    ...foreign.filter(isNetworkUsed).map(() => 'a network namespace of the box'),
  ]
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const made: Wanted[] = []
  return {
    launch: LEAVES_AS_ROOT,
    attempt: async (inside, place) => {
      const [told, others] = [wantedObjects(scene), wantedObjects(scene)]
      scene.remember({ kind: 'mount', path: told.mount })
      scene.remember({ kind: 'interface', name: told.tap })
      scene.remember({ kind: 'cgroup', path: told.cgroup })
      made.push(told)
      mkdirSync(told.mount, { mode: 0o777 })
      const around = surroundings(inside.pid)
      const answer = await inside.ask('left-objects', [told.mount, told.tap, told.cgroup])
      const look = () => [...found(canary ? told : others), ...around()]
      return async () => {
        const stayed = await staysThere(place, () => look().length > 0)
        return byWitness(stayed, answer, `${[...new Set(look())].join(', ')} is there after the end`)
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of made) {
        const { mount, tap, cgroup } = one
        if (found(one).length > 0) await runOnHost(scene, 'left-objects-remove', [mount, tap, cgroup])
        rmSync(mount, { recursive: true, force: true })
      }
    },
  }
}

export const kernelObjects: Probe = {
  id: 'persistence-kernel-objects',
  number: 111,
  asset: 'persistence',
  title: 'leave mounts, interfaces or cgroups behind',
  tries:
    'Mounts a file system, makes a lasting tap device and a cgroup, and ends; the host looks for them, and for the cgroups and network namespaces of the sandbox itself.',
  attacker: 'root in the box',
  severity: 'neighbour denial of service',
  standsFor: ['disposability', 'ip tuntap'],
  closing: 'Give the box namespaces of its own, and no device to make interfaces with.',
  price: 'Programs in the box that set up networks need an engine with a kernel of its own.',
  holes: ['files', 'user', 'net', 'cgroup', 'calls'],
  moot: ({ uid }) =>
    uid === 0 ? undefined : 'an ordinary user’s programs can make no such objects on this machine',
  plant,
}

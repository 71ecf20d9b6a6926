import { readFileSync } from 'node:fs'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { freshMark } from './look.ts'
import { wordsOf } from './sight.ts'

/** A hierarchy is listed in every process' /proc/PID/cgroup, so in that of this process: none is to be found (cgroups(7)). */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return {
    attempt: async (inside) => {
      const name = freshMark(scene)
      const held = inside.hold('kernel-object', [name, canary ? 'hierarchy' : 'none', name])
      await held.until('holding\n')
      const listed = readFileSync('/proc/self/cgroup', 'utf8').includes(`:name=${name}:`)
      const { text, end } = await held.release()
      return byWitness(
        listed,
        { text: wordsOf(text), end },
        `every process of the host is in its hierarchy ${name}`,
      )
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const cgroupHierarchy: Probe = {
  id: 'kernel-cgroup-hierarchy',
  number: 37,
  asset: 'kernel',
  title: 'make a control group hierarchy, whose release agent the host runs as root',
  tries:
    'Makes a hierarchy of control groups with a nonce as its name, without a controller and mounted nowhere, and sets no release agent; every process of the host is in it, and this one looks.',
  attacker: 'root in the box',
  severity: 'escape',
  standsFor: ['CVE-2022-0492'],
  closing: 'Give the box a user namespace, take CAP_SYS_ADMIN, or refuse the mount calls.',
  price: 'Nothing in the box can mount.',
  holes: ['calls', 'user', 'cgroup'],
  moot: ({ uid }) =>
    uid === 0
      ? undefined
      : 'only root may make hierarchies, and root inside would be no root of this machine',
  plant,
}

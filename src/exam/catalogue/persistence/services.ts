import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { targets } from '../files/planted-folder.ts'
import { LEAVES_AS_ROOT, staysThere } from './own-probe.ts'

/** Files that init systems and cron look at; a comment is all that is written, so that nobody ever runs anything. */
function files(scene: Scene): Record<string, string> {
  const name = `glovebox-canary-${scene.nonce().slice(0, 16)}`
  return {
    'systemd --user': join(scene.home, '.config/systemd/user', `${name}.service`),
    ...(existsSync('/etc/cron.d') ? { cron: join('/etc/cron.d', name) } : {}),
    ...(existsSync('/etc/systemd/system') ? { systemd: join('/etc/systemd/system', `${name}.service`) } : {}),
  }
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const all: Disposable[] = []
  return {
    launch: LEAVES_AS_ROOT,
    attempt: async (inside, place) => {
      const [told, wanted] = [scene.nonce(), scene.nonce()]
      const paths = files(scene)
      const places = targets(scene, paths)
      all.push(places)
      const answer = await inside.ask('file-create', [`# ${told}\n`, ...Object.values(paths)])
      const look = () => places.holding(canary ? told : wanted)
      return async () => {
        const stayed = await staysThere(place, () => look().length > 0)
        return byWitness(stayed, answer, `wrote a service for ${look().join(', ')}, which stays`)
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const places of all.reverse()) places[Symbol.dispose]()
    },
  }
}

export const services: Probe = {
  id: 'persistence-services',
  number: 110,
  asset: 'persistence',
  title: 'come back as a service or a cron job',
  tries:
    'Writes files that hold only a comment where systemd and cron look for services, and ends; the host looks at the files.',
  attacker: 'root in the box',
  severity: 'escape',
  standsFor: ['ATT&CK T1543.002', 'ATT&CK T1053.003'],
  closing: 'Give the box a root and a home of its own.',
  price: 'Services are set up outside of the box.',
  holes: ['files'],
  plant,
}

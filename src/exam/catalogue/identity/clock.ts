import { once } from 'node:events'
import { startProgram } from '../../../host/program.ts'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

/** The host's own estimate of its clock's error, which is set back afterwards; microseconds. */
async function errorOfHost(scene: Scene, set?: number): Promise<number> {
  const words = set === undefined ? [] : [String(set)]
  const child = startProgram([scene.program, 'probe', 'clock-error', ...words])
  child.stdin?.end()
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  await once(child, 'close')
  return Number(/error (\d+)/.exec(text)?.[1] ?? -1)
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const original = await errorOfHost(scene)
  return {
    attempt: async (inside) => {
      // Up to 16 s, which the kernel caps at (NTP_PHASE_LIMIT); the kernel adds nothing to this one by itself.
      const wanted = 1_000_000 + (scene.number() % 10_000_000)
      const answer = await inside.ask('clock-error', [String(canary ? wanted : wanted + 1)])
      const seen = (await errorOfHost(scene)) === wanted
      if (seen) await errorOfHost(scene, original)
      return byWitness(seen, answer, 'a property of the host’s clock was set, so its time can be')
    },
    [Symbol.asyncDispose]: async () => {
      if (scene.host.uid === 0) await errorOfHost(scene, original)
    },
  }
}

export const clock: Probe = {
  id: 'identity-clock',
  number: 53,
  asset: 'identity',
  title: "set your computer's clock",
  tries:
    'Sets the estimate of the clock’s error by adjtimex(2), a value that no clock follows and that only who may set the clock can set; the host reads it, and sets it back.',
  attacker: 'root in the box',
  severity: 'host denial of service',
  standsFor: ['CAP_SYS_TIME in a container', 'expired certificates that are accepted again'],
  closing: 'Take CAP_SYS_TIME away from the box; the clock has no namespace.',
  price: 'Nothing that an application needs.',
  holes: ['user', 'calls'],
  alone: true,
  moot: (host) => (host.uid === 0 ? undefined : 'only root may set a clock'),
  plant,
}

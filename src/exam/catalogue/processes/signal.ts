import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { startHostWitness } from './host-witness.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const witness = await startHostWitness(scene, 'witness-signals', [], scene.nonce())
  // Without a canary another process is signalled than the one that counts.
  const other = canary ? undefined : await startHostWitness(scene, 'witness-signals', [], scene.nonce())
  const target = String((other ?? witness).pid)
  return {
    attempt: async (inside) => {
      const before = witness.count('signal')
      const answer = await inside.ask('signal', [target])
      await witness.echo(scene.nonce())
      return byWitness(witness.count('signal') > before, answer, 'a process of yours was signalled')
    },
    [Symbol.asyncDispose]: async () => {
      await witness[Symbol.asyncDispose]()
      await other?.[Symbol.asyncDispose]()
    },
  }
}

export const signal: Probe = {
  id: 'processes-signal',
  number: 18,
  asset: 'processes',
  title: 'signal your other programs',
  tries:
    'Signals a process of the host by its number in three ways (kill, tgkill, pidfd); the process counts what reaches it.',
  attacker: 'user in the box',
  severity: 'host denial of service',
  standsFor: ['a box that ends its user’s session', 'kill(2)'],
  closing: 'Give the box a pid namespace of its own, with a /proc of that.',
  price: 'A debugger or a process list in the box sees its own processes only.',
  holes: ['pid'],
  plant,
}

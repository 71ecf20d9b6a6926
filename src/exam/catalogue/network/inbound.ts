import { addressesOf } from '../../../lab/topology.ts'
import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { grantedPublish } from './granted.ts'
import { launchOn } from './launches.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byTcp, byUdp, together } from './reach.ts'
import { testLan } from './test-lan.ts'

const LISTEN_MS = '8000'

/** What a computer of the LAN hears from this machine must be what the inside says to whoever comes. */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const lan = await testLan(scene)
  const [nonce, port] = [scene.nonce(), lan.port()]
  return {
    launch: launchOn(lan, scene, 'internet'),
    attempt: async (inside) => {
      const listening = inside.hold('net-listen', [LISTEN_MS, String(port), canary ? nonce : 'nothing'])
      await listening.until('listening')
      const [neighbour, doors] = [await lan.neighbour(), at(addressesOf('host'), port)]
      const heard = await together(
        byTcp(neighbour, 'who is there?', doors),
        byUdp(neighbour, 'who is there?', doors),
      )
      await listening.release()
      return byNonce(heard, nonce, `another computer connected to port ${port} of this one`)
    },
    [Symbol.asyncDispose]: async () => undefined, // the LAN ends with the exam
  }
}

export const inbound: Probe = {
  ...ON_LAN,
  id: 'network-inbound',
  number: 93,
  title: 'take connections from your LAN',
  tries: `Listens inside at a port and says a nonce to whoever comes; another computer of the test LAN connects to this port at this machine's \
addresses, by TCP and UDP. Boxes of ours have --network internet.`,
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1571', 'bind shells'],
  closing: 'Forward no port that was not asked for.',
  price: 'A server in the box is reached only where its port is published: --publish.',
  granted: grantedPublish,
  plant,
}

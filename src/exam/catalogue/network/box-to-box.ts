import { addressesOf } from '../../../lab/topology.ts'
import type { Scene } from '../../scene.ts'
import type { Session } from '../../session.ts'
import { byNonce } from '../../sightings.ts'
import type { Place, Probe, Trap } from '../../types.ts'
import { grantedJoin } from './granted.ts'
import { launchOn } from './launches.ts'
import { ON_LAN } from './on-lan.ts'
import { at, byTcp, byUdp, knownInside, together } from './reach.ts'
import { testLan } from './test-lan.ts'

const LISTEN_MS = '8000'

/** The second sandbox is started once for all attempts of a trap. */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const lan = await testLan(scene)
  const [nonce, port] = [scene.nonce(), lan.port()]
  const launch = launchOn(lan, scene, 'internet')
  let second: Promise<Session> | undefined
  const other = (place: Place): Promise<Session> => {
    second ??= place.open(launch)
    return second
  }
  return {
    launch,
    attempt: async (inside, place) => {
      const there = await other(place)
      const listening = there.hold('net-listen', [LISTEN_MS, String(port), canary ? nonce : 'nothing'])
      await listening.until('listening')
      const [its, own] = await Promise.all([knownInside(there), knownInside(inside)])
      const all = ['127.0.0.1', '::1', ...its.address, ...own.gateway, ...addressesOf('host')]
      const doors = at([...new Set(all)], port)
      const heard = await together(
        byTcp(inside, 'who is there?', doors),
        byUdp(inside, 'who is there?', doors),
      )
      await listening.release()
      return byNonce(heard, nonce, `connected to port ${port} of a second sandbox`)
    },
    [Symbol.asyncDispose]: async () => {
      await (await second?.catch(() => undefined))?.end()
    },
  }
}

export const boxToBox: Probe = {
  ...ON_LAN,
  id: 'network-box-to-box',
  number: 94,
  title: 'reach another sandbox',
  tries: `Starts a second sandbox, which says a nonce to whoever connects to a port of it, and connects there from the first one by the \
second's addresses, by gateways and by this machine's addresses. Boxes of ours have --network internet.`,
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1021', 'bridges that join all containers'],
  closing: 'Give each sandbox a network of its own.',
  price: 'Boxes that shall talk are joined by name: --join.',
  granted: grantedJoin,
  plant,
}

import { macOnSegment, NODES } from '../../../lab/topology.ts'
import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { launchOn } from './launches.ts'
import { WITH_FRAMES } from './on-lan.ts'
import { ethernet, hexOf } from './packets.ts'
import { testLan } from './test-lan.ts'

/** Stands before the nonce, so that who listens need not know it. */
const MARKER = 'glovebox-overheard '
const LISTEN_MS = '40000'
/** For experiments (IEEE 802). */
const ETHER_TYPE = 0x88b5
/** Nobody's: a switch floods what is for it to all, and only who listens to everything takes it. */
const STRANGER = '02:67:62:78:00:04'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const lan = await testLan(scene)
  const nonce = scene.nonce()
  const from = macOnSegment(NODES.victim.onSegment ?? 0)
  const said = Buffer.from(`${MARKER}${canary ? nonce : 'nothing'}`)
  const frame = hexOf(ethernet(STRANGER, from, ETHER_TYPE, said))
  return {
    launch: launchOn(lan, scene, 'internet as root'),
    attempt: async (inside) => {
      const neighbour = await lan.neighbour()
      const listening = inside.hold('net-sniff', [LISTEN_MS, MARKER])
      if (await listening.until('listening')) {
        await neighbour.ask('net-frame', [frame])
        // When the witness has it, whoever listens on the segment has it, too, and reads it before its end.
        await lan.frame(({ bytes }) => bytes.includes(hexOf(MARKER)))
      }
      return byNonce(await listening.release(), nonce, 'listened to all frames')
    },
    [Symbol.asyncDispose]: async () => undefined, // the LAN ends with the exam
  }
}

export const sniff: Probe = {
  ...WITH_FRAMES,
  id: 'network-sniff',
  number: 83,
  title: 'overhear what others say on your LAN',
  tries: `As root inside, listens to all frames on every interface, while a computer of the test LAN sends one with a nonce to another. \
Boxes of ours have --network internet.`,
  attacker: 'root in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1040'],
  closing: 'Give the box a network namespace of its own, and bridge it to no LAN.',
  price: 'None but for tools that watch a network.',
  plant,
}

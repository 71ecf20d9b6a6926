import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { Scene } from '../../scene.ts'
import { failed, inOneLine } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { BOUNDS } from './bounds.ts'

/** Where a box may think its host: itself, and the gateways of slirp4netns and pasta. */
const ADDRESSES = ['127.0.0.1', '10.0.2.2', '169.254.1.1']
/** Datagrams are lost on the way; a tenth of them is a flood all the same. */
const SHARE = 0.1

async function plant(_scene: Scene, canary: boolean): Promise<Trap> {
  const socket = createSocket('udp4')
  let bytes = 0
  socket.on('message', (message) => {
    bytes += message.length
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  return {
    attempt: async (inside) => {
      bytes = 0
      const size = canary ? BOUNDS.sendMib : 0
      const held = inside.hold('bomb-send', [String(size), String(port), ...ADDRESSES])
      const set = await held.until('set ')
      const answer = await held.release()
      const mib = bytes / 2 ** 20
      const evidence = `a listener of the host was given ${mib.toFixed(1)} of ${BOUNDS.sendMib} MiB; inside: ${inOneLine(answer.text)}`
      if (mib > BOUNDS.sendMib * SHARE) return { reached: true, evidence }
      return set || answer.end === 1 ? { reached: false, evidence } : failed(evidence)
    },
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

export const network: Probe = {
  id: 'exhaustion-network',
  number: 101,
  asset: 'exhaustion',
  title: 'flood a service of the host with datagrams',
  tries: `Sends ${BOUNDS.sendMib} MiB of datagrams to a listener on the host’s loopback, by its own address and by the gateways’ of usual sandboxes; what the listener was given decides.`,
  attacker: 'user in the box',
  severity: 'neighbour denial of service',
  standsFor: ['ATT&CK T1498.001', 'Matthews et al., ExpCS 2007, network stress'],
  closing: 'Give the box a network of its own without a way to the host.',
  price: 'Servers of the host must be allowed by name: --network host:PORT.',
  holes: ['net'],
  alone: true,
  plant,
}

import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { at, byTcp } from '../network/reach.ts'
import { brokenMonitor } from './broken-monitor.ts'

const MOST_HEARD = 64 * 1024
const LOOPBACK = ['127.0.0.1', '::1'] as const

/** A server at the loopback of this machine, where nobody else's computer is; what it is told is kept. */
async function listen(address: string, told: (text: string) => void): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => told(text))
    socket.on('error', () => undefined) // the other end went
  })
  server.listen(0, address)
  return await once(server, 'listening').then(
    () => server,
    () => undefined, // a machine without this family
  )
}

/** A jail is started by no command line, so not in the test LAN: what it shares with this machine shows at its loopback. */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = scene.nonce()
  let heard = ''
  const tell = (text: string): void => {
    heard = (heard + text).slice(-MOST_HEARD)
  }
  const servers = await Promise.all(LOOPBACK.map((address) => listen(address, tell)))
  const targets = servers.flatMap((server) => {
    if (server === undefined) return []
    const { address, port } = server.address() as AddressInfo
    return at([address], port)
  })
  return {
    attempt: async (inside) => {
      const answer = await byTcp(inside, canary ? nonce : 'nothing', targets)
      return byWitness(
        heard.includes(nonce),
        answer,
        'a server at the loopback of the host was told something',
      )
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) server?.close()
    },
  }
}

/** Of the battery alone: a box has the probes of the network for it. */
const loopback: Probe = {
  id: 'network-jail-loopback',
  number: 74,
  asset: 'network',
  title: 'speak to a server of this machine',
  tries: 'Connects to servers at 127.0.0.1 and ::1.',
  attacker: 'root in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1046'],
  closing: 'Give the jail no network, or the one interface of the box.',
  price: 'None.',
  holes: ['net', 'calls'],
  plant,
}

export const jailNetwork = brokenMonitor({
  id: 'machine-jail-network',
  title: 'reach your network from a broken virtual machine monitor',
  severity: 'lateral movement',
  what: 'networks',
  probes: [loopback],
  closing: loopback.closing,
  price: loopback.price,
  holes: loopback.holes,
})

import { openHost } from '../../host-session.ts'
import type { Scene } from '../../scene.ts'
import { byWitness, failed } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

/** Number of a machine itself, which its own kernel answers (vsock(7), VMADDR_CID_LOCAL), and of a guest's host. */
const ITSELF = '1'
const HOST = '2'

/** A port above those that are set aside for services; the listener is the exam's own. */
const portFor = (scene: Scene): string => String(0x4000_0000 + (scene.number() % 0x1000_0000))

/** Asked once an exam, as a kernel without it may take seconds to say so. */
async function findLoopback(scene: Scene): Promise<{ loops: boolean } & AsyncDisposable> {
  await using session = await openHost(scene)
  const port = portFor(scene)
  const witness = session.hold('vsock-listen', [port])
  await witness.until('listening')
  const { end } = await session.ask('vsock-say', [port, 'loop', ITSELF])
  await witness.release()
  return { loops: end === 0, [Symbol.asyncDispose]: async () => undefined }
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const [port, nonce] = [portFor(scene), scene.nonce()]
  const outside = await openHost(scene)
  const witness = canary ? outside.hold('vsock-listen', [port], { timeoutMs: 10 * 60_000 }) : undefined
  await witness?.until('listening')
  const { loops } = await scene.shared('loopback of vsock', () => findLoopback(scene))
  return {
    attempt: async (inside, place) => {
      if (!loops) return failed('the vsock of this machine has no loopback to hear a witness by')
      /* Outside, number 2 would be somebody else's: the host of this very machine. */
      const answer = await inside.ask('vsock-say', [
        ...[port, nonce, ITSELF],
        ...(place.kind === 'box' ? [HOST] : []),
      ])
      const seen = answer.end === 0 && (await witness?.until(nonce)) === true
      return byWitness(seen, answer, 'a listener of the host was given the nonce by vsock')
    },
    [Symbol.asyncDispose]: async () => {
      await witness?.release()
      await outside.end()
    },
  }
}

export const vsock: Probe = {
  id: 'machine-vsock',
  number: 126,
  asset: 'machine',
  title: "reach the host's services by vsock",
  tries:
    'A listener of the host waits on a vsock port; the probe connects to the numbers of the host and of its own machine and sends a nonce. No network namespace holds vsock sockets.',
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['vsock(7) is in no network namespace', 'guest agents that listen for everybody'],
  closing: 'Filter socket(AF_VSOCK), and give a machine no vhost-vsock device.',
  price: 'None for applications.',
  holes: ['calls', 'net'],
  plant,
}

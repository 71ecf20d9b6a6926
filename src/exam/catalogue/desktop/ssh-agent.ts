import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import type { Scene } from '../../scene.ts'
import type { Answer } from '../../session.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { inUserSession, runtimePath } from './session-environment.ts'
import { startWitness } from './witness-program.ts'

const ADD_IDENTITY = 17
const SUCCESS = 6

/** Length and bytes (RFC 4251, section 5). */
function sized(bytes: Uint8Array | string): Buffer {
  const data = Buffer.from(bytes as string)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, data])
}

/** Gives the agent an ed25519 key that lies on no disk (draft-ietf-sshm-ssh-agent, section 3.2.3). */
async function addKey(path: string, scene: Scene): Promise<KeyObject> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '', d = '' } = privateKey.export({ format: 'jwk' })
  const [open, secret] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')]
  const key = [
    sized('ssh-ed25519'),
    sized(open),
    sized(Buffer.concat([secret, open])),
    sized('glovebox canary'),
  ]
  const socket = connect(path)
  socket.setTimeout(5000, () => socket.destroy(new Error('ssh-agent does not answer')))
  socket.write(sized(Buffer.concat([Buffer.from([ADD_IDENTITY]), ...key])))
  const [answer] = (await once(socket, 'data', { signal: scene.signal })) as [Buffer]
  socket.destroy()
  if (answer[4] !== SUCCESS) throw new Error('ssh-agent does not take the key of the exam')
  return publicKey
}

/** The verb tells `signature HEX`, which holds the algorithm's name and 64 bytes. */
function isSigned({ text }: Answer, nonce: string, key: KeyObject | undefined): boolean {
  const [, hex = ''] = /^signature ([0-9a-f]{166})$/m.exec(text) ?? []
  const signature = Buffer.from(hex, 'hex').subarray(-64)
  return key !== undefined && hex !== '' && verify(null, Buffer.from(nonce), key, signature)
}

/** A real agent; without a key in the negative control. */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  await using stack = new AsyncDisposableStack()
  const path = runtimePath(scene, 'ssh')
  scene.remember({ kind: 'path', path })
  stack.defer(() => rmSync(path, { force: true }))
  // Distributions install it set-group-id, by which it would outlive this process (PR_SET_PDEATHSIG(2const)).
  stack.use(await startWitness(['setpriv', '--no-new-privs', '--', 'ssh-agent', '-D', '-a', path]))
  const key = canary ? await addKey(path, scene) : undefined
  const kept = stack.move()
  return {
    attempt: (inside, place) =>
      inUserSession(inside, place, { SSH_AUTH_SOCK: path }, async (there) => {
        const nonce = scene.nonce()
        const answer = await there.ask('ssh-sign', [path, nonce])
        return byWitness(
          isSigned(answer, nonce, key),
          answer,
          'the signature of a nonce is by the key of the agent outside',
        )
      }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

export const sshAgent: Probe = {
  id: 'desktop-ssh-agent',
  number: 71,
  asset: 'desktop',
  title: 'sign in elsewhere with your SSH keys',
  tries:
    'Asks an ssh-agent of the exam, on a socket beside those of your session, for its keys and to sign a nonce; the signature must be right.',
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1563.001', 'agent hijacking'],
  closing: 'Give the box no SSH_AUTH_SOCK, and no folder where the socket lies.',
  price: 'git over ssh needs a key of the box, or an agent that asks each time.',
  holes: ['files'],
  lacks: (host) =>
    host.tool('ssh-agent') === undefined
      ? 'this machine has no ssh-agent: sudo apt-get install openssh-client'
      : undefined,
  plant,
}

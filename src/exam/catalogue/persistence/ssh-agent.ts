import { generateKeyPairSync } from 'node:crypto'
import { connect } from 'node:net'

/* What of the protocol of agents is needed here (draft-ietf-sshm-ssh-agent). */
const ADD_IDENTITY = 17
const REQUEST_IDENTITIES = 11
/** Bytes of an answer at the most, and milliseconds for it. */
const MOST_ANSWER = 256 * 1024
const ANSWER_MS = 3000

const word = (bytes: Buffer | string): Buffer => {
  const content = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  return Buffer.concat([length, content])
}

/** A request that adds a fresh key with this comment. */
export function addKeyRequest(comment: string): Buffer {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const [open, secret] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')]
  const key = [word('ssh-ed25519'), word(open), word(Buffer.concat([secret, open])), word(comment)]
  return word(Buffer.concat([Buffer.from([ADD_IDENTITY]), ...key]))
}

/** What the agent at this socket lists: comments are in it as they are. Empty where it does not answer. */
export function listKeys(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path)
    let answer = Buffer.alloc(0)
    const done = (): void => {
      socket.destroy()
      resolve(answer.toString('latin1'))
    }
    socket.setTimeout(ANSWER_MS, done)
    socket.once('error', done)
    socket.once('connect', () => socket.write(word(Buffer.from([REQUEST_IDENTITIES]))))
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      const wanted = answer.length < 4 ? 4 : 4 + answer.readUInt32BE(0)
      if (answer.length >= wanted || answer.length > MOST_ANSWER) done()
    })
  })
}

import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { type AgentLog, assuanTalk } from './assuan.ts'
import { plantSocket } from './planted-socket.ts'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const log: AgentLog = { signed: [] }
  const folder = join(scene.home, '.gnupg')
  const made = !existsSync(folder)
  if (made) mkdirSync(folder, { mode: 0o700 })
  // sockaddr_un holds 107 bytes: the name is kept short
  const path = join(folder, `glovebox-canary-${scene.nonce().slice(0, 12)}`)
  const keygrip = scene.nonce().toUpperCase() + scene.nonce().slice(0, 8).toUpperCase()
  const talk = assuanTalk(keygrip, log)
  const trap = await plantSocket(scene, canary, { path, env: {}, talk }, async (inside) => {
    const hash = (scene.nonce() + scene.nonce()).toUpperCase()
    const answer = await inside.ask('gpg-sign', [path, keygrip, hash])
    return byWitness(log.signed.includes(hash), answer, 'the agent outside signed what the box had sent')
  })
  return {
    ...trap,
    [Symbol.asyncDispose]: async () => {
      await trap[Symbol.asyncDispose]()
      if (made) rmdirSync(folder)
    },
  }
}

export const gpgAgent: Probe = {
  id: 'desktop-gpg-agent',
  number: 72,
  asset: 'desktop',
  title: 'sign with your GnuPG keys',
  tries:
    'Asks an agent of the exam, on a new socket in ~/.gnupg, to sign a nonce; the agent must have been asked.',
  attacker: 'user in the box',
  severity: 'lateral movement',
  standsFor: ['ATT&CK T1552.004', 'signed commits and packages of somebody else'],
  closing: 'Give the box a home of its own, and no agent.',
  price: 'Commits of the box are not signed, or by a key of its own.',
  holes: ['files'],
  plant,
}

import type { Scene } from '../../scene.ts'
import type { Session } from '../../session.ts'
import { byNonce, byWitness } from '../../sightings.ts'
import type { Probe, Sighting, Trap } from '../../types.ts'
import { type Display, lacksDisplay, plantDisplay } from './x-display.ts'

/** Pastes what a program outside has copied. */
async function readIt(
  inside: Session,
  { any, user }: Display,
  nonce: string,
  canary: boolean,
): Promise<Sighting> {
  const owner = canary ? user.hold('x-copy', [any, nonce]) : undefined
  await owner?.until('copied')
  const sighting = byNonce(
    await inside.ask('x-paste', [any]),
    nonce,
    'pasted what another program had copied',
  )
  await owner?.release()
  return sighting
}

/** Copies another text, which a program outside then pastes. */
async function replaceIt(
  inside: Session,
  { any, user }: Display,
  nonce: string,
  canary: boolean,
): Promise<Sighting> {
  const thief = inside.hold('x-copy', [any, nonce], { timeoutMs: 20_000 })
  const copied = await thief.until('copied')
  const pasted = canary && copied ? (await user.ask('x-paste', [any])).text : ''
  const answer = await thief.release()
  return byWitness(pasted.includes(nonce), answer, 'another program pasted what the box had put in its place')
}

function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return plantDisplay(scene, async (display) => async (inside) => {
    const read = await readIt(inside, display, scene.nonce(), canary)
    const replaced = await replaceIt(inside, display, scene.nonce(), canary)
    if (read.reached && replaced.reached)
      return { reached: true, evidence: `${read.evidence}; ${replaced.evidence}` }
    return replaced.reached ? replaced : read
  })
}

export const clipboard: Probe = {
  id: 'desktop-clipboard',
  number: 64,
  asset: 'desktop',
  title: 'read and replace your clipboard',
  tries:
    'Pastes a nonce that a program outside has copied on an X display, and puts another in its place, which a program outside pastes.',
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['ATT&CK T1115', 'clippers, which replace account numbers'],
  closing: 'Give the box a display of its own, and carry the clipboard over only when asked.',
  price: 'Copying between the box and the desktop takes a step more.',
  holes: ['files', 'net'],
  lacks: lacksDisplay,
  plant,
}

import type { Scene } from '../../scene.ts'
import type { Session } from '../../session.ts'
import type { Sighting, Trap } from '../../types.ts'
import { type Display, plantDisplay } from './x-display.ts'

/** The property of the root window that holds the nonce. */
const NAME = 'GLOVEBOX_CANARY'

/** A display whose root window says a nonce to every client. */
export function plantMark(
  scene: Scene,
  canary: boolean,
  attempt: (inside: Session, display: Display, name: string, nonce: string) => Promise<Sighting>,
): Promise<Trap> {
  const nonce = scene.nonce()
  return plantDisplay(scene, async (display) => {
    if (canary) await display.user.ask('x-mark', [display.any, NAME, nonce])
    return (inside) => attempt(inside, display, NAME, nonce)
  })
}

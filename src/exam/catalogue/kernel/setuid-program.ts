import { chmodSync, copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Scene } from '../../scene.ts'
import { ownFolder } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { freshMark, lookFor, type Marked } from './look.ts'
import { sightOf } from './sight.ts'

/** It runs for one user and acts as root, as the host counts users. */
const gained = (marked: readonly Marked[]): string | undefined => {
  const found = marked.find(({ realUid, effectiveUid }) => realUid !== 0 && effectiveUid === 0)
  return found && `process ${found.pid} of the host runs for user ${found.realUid} as root`
}

/** A copy of the probe program that belongs to root, with the set-user-id bit but for the negative control. */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const path = join(ownFolder(scene, 'kernel-setuid'), scene.nonce())
  copyFileSync(scene.program, path)
  chmodSync(path, canary && scene.host.uid === 0 ? 0o4755 : 0o755)
  return {
    attempt: async (inside) => {
      const mark = freshMark(scene)
      const held = inside.hold('kernel-setuid', [mark, path])
      await held.until('holding\n')
      const look = await lookFor(scene, mark)
      const answer = await held.release()
      if (answer.text.startsWith('root-only\n'))
        return { reached: false, evidence: 'inside there is no user but root to try it as', blind: true }
      // Where the copy is not to be had inside, or may not be run, no process marks itself: that is a wall, too.
      return answer.text.includes('marked\n')
        ? sightOf(look, answer, gained)
        : byWitness(false, answer, 'it ran')
    },
    [Symbol.asyncDispose]: async () => rmSync(path, { force: true }),
  }
}

export const setuidProgram: Probe = {
  id: 'kernel-setuid-program',
  number: 41,
  asset: 'kernel',
  title: 'become root by a set-user-id program of the host',
  tries:
    "Gives root's rights up, if it has them, and runs a set-user-id copy of the probe program in the exam's folder; the host looks whom its process acts for.",
  attacker: 'user in the box',
  severity: 'escape',
  standsFor: ['CVE-2021-4034', 'CVE-2021-3156'],
  closing: 'Set no_new_privs, mount with nosuid, or give the box a root of its own.',
  price: 'sudo, su and ping of old systems do not work inside.',
  holes: ['files', 'user', 'calls'],
  moot: ({ uid }) =>
    uid === 0 ? undefined : 'only root can plant such a program, and this exam is not run as root',
  plant,
}

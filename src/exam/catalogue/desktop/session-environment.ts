import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import type { Scene } from '../../scene.ts'
import type { Session } from '../../session.ts'
import type { Place, Sighting } from '../../types.ts'

/**
 * Carries an attempt out in a session whose environment names what was planted, as that of a user's session does: some sandboxes
 * open a way to just that. Engines of ours pass nothing of their caller's environment on, so they need no session of their own.
 */
export async function inUserSession(
  inside: Session,
  place: Place,
  env: Readonly<Record<string, string>>,
  attempt: (inside: Session) => Promise<Sighting>,
): Promise<Sighting> {
  if (place.kind !== 'box' || place.subject.kind !== 'foreign') return attempt(inside)
  await using own = await place.open({ env })
  return await attempt(own)
}

/**
 * Where the sockets of the user's session lie (XDG Base Directory Specification). Where there is no such session, the folder above
 * it, which is open to root alone, or else the exam's own.
 */
export function runtimeFolder(scene: Scene): string {
  const candidates = [process.env['XDG_RUNTIME_DIR'] ?? '', `/run/user/${scene.host.uid}`, '/run']
  return candidates.find((folder) => folder.startsWith('/') && isWritable(folder)) ?? scene.folder
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A new name for a socket beside those of the user's session. */
export const runtimePath = (scene: Scene, name: string, prefix = ''): string =>
  join(runtimeFolder(scene), `${prefix}glovebox-canary-${scene.nonce().slice(0, 12)}-${name}`)

import { ownFolder, type Scene } from '../../scene.ts'
import type { Launch } from '../../types.ts'

/** Values that a sandbox's starter has, each a nonce of its own, and the one start that plants them all. */
export interface PlantedStart {
  readonly user: string
  readonly token: string
  readonly hostName: string
  /** Name of a folder that is mounted where the sandbox is started. */
  readonly mounted: string
  readonly launch: Launch
}

const known = new WeakMap<Scene, PlantedStart>()

/** One start an exam: each probe looks for its own value in it. A host's name and a mount take root to plant. */
export function plantedStart(scene: Scene): PlantedStart {
  const before = known.get(scene)
  if (before !== undefined) return before
  const [user, token] = [scene.nonce(), scene.nonce()]
  const hostName = `canary-${scene.nonce().slice(0, 16)}`
  const mounted = scene.nonce()
  const word = (...words: readonly string[]): string[] => [scene.program, 'probe', ...words, '--']
  const asRoot =
    scene.host.uid === 0
      ? [...word('with-host-name', hostName), ...word('with-mount', ownFolder(scene, mounted))]
      : []
  const launch: Launch = {
    key: 'by a starter with nonces',
    env: { USER: user, LOGNAME: user, GLOVEBOX_CANARY_TOKEN: token },
    within: [...asRoot, ...word('beside')],
  }
  const planted: PlantedStart = { user, token, hostName, mounted, launch }
  known.set(scene, planted)
  return planted
}

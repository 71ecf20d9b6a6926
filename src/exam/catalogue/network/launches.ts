import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { SITES } from '../../../lab/topology.ts'
import { plantFile, type Scene } from '../../scene.ts'
import type { EngineSubject, Launch } from '../../types.ts'
import type { TestLan } from './test-lan.ts'

/**
 * How a sandbox is started on the test LAN. Engines of ours whose policy leaves the network to the image get one that is worth
 * probing: the internet, or an allowlist of one site; any other policy is examined as it is. Other sandboxes take what they have.
 */
export type Setting = 'internet' | 'internet as root' | 'allowlist'

export function launchOn(lan: TestLan, scene: Scene, setting: Setting): Launch {
  const root = setting === 'internet as root'
  return {
    key: `on the test LAN, ${setting}`,
    // The bare control of what root can do has root's rights over the node's network, also in an ordinary user's lab.
    within: (place) => lan.within('host', root && place !== 'box'),
    options: (subject) => (hasNetwork(subject) ? [] : ['--network', networkWord(scene, setting)]),
    ...(root ? { root } : {}),
  }
}

const hasNetwork = ({ policy, options }: EngineSubject): boolean =>
  policy.network !== 'image' || options.includes('--network')

function networkWord(scene: Scene, setting: Setting): string {
  if (setting !== 'allowlist') return 'internet'
  const file = join(scene.folder, 'allowlist')
  if (!existsSync(file)) plantFile(file, `${SITES.allowed.name}\n`)
  return `allow:${file}`
}

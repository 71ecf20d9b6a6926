import { join } from 'node:path'
import { packageRoot } from '../host/build-info.ts'
import { jobWords } from '../host/holder.ts'
import type { IdMaps } from '../host/types.ts'
import type { Lab, LabCommand } from './start.ts'
import { type NodeName, SITES } from './topology.ts'

/** Where the image `lab` lies, and what runs its programs. */
export interface ServerParts {
  readonly holder: string
  readonly ids: IdMaps
  /** Of the image, top first. */
  readonly trees: readonly string[]
}

const ROOT = '/box/rootfs'
const WRITES_BYTES = 256 * 2 ** 20
const { web, voice } = SITES
const SERVERS = {
  web: ['serve-web', web.four, web.six, web.name],
  voice: ['serve-voice', voice.four],
} as const
export type ServerName = keyof typeof SERVERS

/**
 * Starts a server of the image `lab` (recipes/lab.yaml) in a node: its programs, in a root of their own, with the node's network. They end with
 * the lab.
 */
export function startServer(
  lab: Lab,
  name: ServerName,
  parts: ServerParts,
  node: NodeName = 'internet',
): LabCommand {
  const [script, ...words] = SERVERS[name]
  const job = jobWords({
    ids: parts.ids,
    mounts: [
      { kind: 'ro', source: join(packageRoot(), 'share/build/enter-root'), target: '/box/enter-root' },
    ],
    overlay: { lowers: parts.trees, upper: { tmpfsBytes: WRITES_BYTES } },
    network: 'host',
    argv: [
      ...(['/bin/sh', '/box/enter-root', ROOT, '--'] as const),
      ...['/bin/sh', `/usr/lib/glovebox-lab/${script}`, ...words],
    ],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
  })
  return lab.run(node, [parts.holder, ...job])
}

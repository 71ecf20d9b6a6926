import { existsSync, readdirSync } from 'node:fs'
import { tidyNetwork } from '../host/gate.ts'
import { openFolder } from '../host/paths.ts'
import type { Plan } from '../plan/types.ts'
import type { BoxContext } from './context.ts'

/** Makes the folder of all networks, which nobody else may enter; the holder makes that of this one. */
export function prepareJoin({ policy }: Plan, { paths }: Pick<BoxContext, 'paths'>): void {
  if (policy.network === 'none' || policy.network.join === undefined) return
  openFolder(paths.boxes.networks, process.getuid?.() ?? 0)
}

/**
 * Removes what boxes that were killed left of their places in networks, and networks without any box.
 *
 * @throws GloveboxError HOLDER_NOT_STARTED, PROGRAMS_MISSING
 */
export async function collectNetworks({
  paths,
  holder,
  checkPrograms,
}: Pick<BoxContext, 'paths' | 'holder' | 'checkPrograms'>): Promise<void> {
  const { networks } = paths.boxes
  if (!existsSync(networks)) return
  checkPrograms()
  for (const name of readdirSync(networks)) await tidyNetwork(holder, `${networks}/${name}`)
}

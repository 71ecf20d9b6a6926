import { openContext } from '../box/context.ts'
import { GloveboxError } from '../errors.ts'
import { ownerOfIds } from '../image/owner.ts'
import { resolveImage } from '../image/resolve.ts'
import { type ServerParts, startServer } from '../lab/servers.ts'
import type { Lab } from '../lab/start.ts'
import { Glovebox } from '../sdk.ts'
import { withProgress } from './progress.ts'

/** Name of the recipe and of the image. */
const IMAGE = 'lab'

/** Builds the image of the lab's servers where it is missing. */
export async function readyServers(): Promise<ServerParts> {
  const { images } = new Glovebox()
  await withProgress((onProgress) => images.build(IMAGE, { onProgress }))
  const { holder, ids, store } = openContext()
  return { holder, ids, trees: resolveImage(store, IMAGE, ownerOfIds(ids)).trees }
}

/** @throws GloveboxError LAB_SERVER_ENDED */
export async function startServers(lab: Lab, parts: ServerParts): Promise<void> {
  startServer(lab, 'voice', parts)
  const web = startServer(lab, 'web', parts)
  if ((await web.until('ready\n')).endsWith('ready\n')) return
  throw new GloveboxError({
    code: 'LAB_SERVER_ENDED',
    audience: 'host',
    message: `Cannot start the servers of the test LAN: they said: ${(await web.result).stderr.trim()}`,
    remedy: 'Build their image anew with: glovebox image build lab',
  })
}

import { openContext } from '../../src/box/context.ts'
import { ownerOfIds } from '../../src/image/owner.ts'
import { resolveImage } from '../../src/image/resolve.ts'
import { type ServerName, startServer } from '../../src/lab/servers.ts'
import type { Lab, LabCommand } from '../../src/lab/start.ts'

/** A server of the image `lab`, which is built already. */
export function serve(lab: Lab, name: ServerName): LabCommand {
  const context = openContext()
  const { trees } = resolveImage(context.store, 'lab', ownerOfIds(context.ids))
  return startServer(lab, name, { holder: context.holder, ids: context.ids, trees })
}

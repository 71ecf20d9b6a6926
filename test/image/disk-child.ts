/* Makes the disk of an image and ends itself, as a kill would, at the event that its last argument numbers. */
import { openContext } from '../../src/box/context.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { ensureDisk } from '../../src/image/disk.ts'
import { ownerOfIds } from '../../src/image/owner.ts'
import { resolveImage } from '../../src/image/resolve.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'

const [programs = '', ref = '', last = ''] = process.argv.slice(2)
const { store: places, ids, runJob } = openContext({ ...currentPaths(), programs })
let events = 0
await ensureDisk(
  { places, ids, runJob, limits: ARCHIVE_LIMITS },
  resolveImage(places, ref, ownerOfIds(ids)),
  () => {
    events++
    if (events === Number(last)) process.kill(process.pid, 'SIGKILL')
  },
)

import type { Probe } from '../../types.ts'
import { copyRace } from './copy-race.ts'
import { handle } from './handle.ts'
import { homeSecrets } from './home-secrets.ts'
import { imageLinks } from './image-links.ts'
import { inheritedFolder } from './inherited-folder.ts'
import { inheritedSocket } from './inherited-socket.ts'
import { keptLink } from './kept-link.ts'
import { mounts } from './mounts.ts'
import { pageCache } from './page-cache.ts'
import { rawDisk } from './raw-disk.ts'
import { runtimeProgram } from './runtime-program.ts'
import { socket } from './socket.ts'
import { special } from './special.ts'
import { startup } from './startup.ts'
import { temporary } from './temporary.ts'
import { workingFolder } from './working-folder.ts'

export const FILES: readonly Probe[] = [
  ...[homeSecrets, temporary, startup, keptLink, copyRace, special, handle, rawDisk],
  ...[socket, inheritedFolder, inheritedSocket, workingFolder, imageLinks, runtimeProgram],
  ...[mounts, pageCache],
]

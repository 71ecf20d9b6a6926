import type { Probe } from '../../types.ts'
import { abstractSocket } from './abstract-socket.ts'
import { commandLines } from './command-lines.ts'
import { daemons } from './daemons.ts'
import { environment } from './environment.ts'
import { memory } from './memory.ts'
import { messageQueue } from './message-queue.ts'
import { messages } from './messages.ts'
import { openFile } from './open-file.ts'
import { rootFolder } from './root-folder.ts'
import { sessionKeyring } from './session-keyring.ts'
import { sharedFiles } from './shared-files.ts'
import { sharedMemory } from './shared-memory.ts'
import { signal } from './signal.ts'
import { userKeyring } from './user-keyring.ts'

export const PROCESSES: readonly Probe[] = [
  ...[commandLines, signal, memory, environment, rootFolder, openFile],
  ...[sharedMemory, messages, sharedFiles, messageQueue],
  ...[sessionKeyring, userKeyring, abstractSocket, daemons],
]

import type { Probe } from '../../types.ts'
import { agentKey } from './agent-key.ts'
import { daemon } from './daemon.ts'
import { hostFiles } from './host-files.ts'
import { kernelObjects } from './kernel-objects.ts'
import { keys } from './keys.ts'
import { memory } from './memory.ts'
import { nextBox } from './next-box.ts'
import { services } from './services.ts'

export const PERSISTENCE: readonly Probe[] = [
  ...[hostFiles, memory, keys, daemon, services, kernelObjects, nextBox, agentKey],
]

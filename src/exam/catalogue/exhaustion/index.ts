import type { Probe } from '../../types.ts'
import { cpu } from './cpu.ts'
import { cpuBounded } from './cpu-bounded.ts'
import { descriptors } from './descriptors.ts'
import { disk } from './disk.ts'
import { diskIo } from './disk-io.ts'
import { inodeFiles } from './inodes.ts'
import { keys } from './keys.ts'
import { memory } from './memory.ts'
import { memoryBounded } from './memory-bounded.ts'
import { network } from './network.ts'
import { pageCache } from './page-cache.ts'
import { processes } from './processes.ts'
import { terminals } from './terminals.ts'
import { tmpfs } from './tmpfs.ts'
import { watchers } from './watchers.ts'

export const EXHAUSTION: readonly Probe[] = [
  ...[processes, memory, memoryBounded, cpu, cpuBounded, disk, inodeFiles, diskIo, network],
  ...[descriptors, terminals, watchers, keys, tmpfs, pageCache],
]

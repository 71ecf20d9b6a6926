import type { Probe } from '../types.ts'
import { DESKTOP } from './desktop/index.ts'
import { EXHAUSTION } from './exhaustion/index.ts'
import { FILES } from './files/index.ts'
import { IDENTITY } from './identity/index.ts'
import { KERNEL } from './kernel/index.ts'
import { MACHINE } from './machine/index.ts'
import { NETWORK } from './network/index.ts'
import { PERSISTENCE } from './persistence/index.ts'
import { PROCESSES } from './processes/index.ts'
import { SNAPSHOTS } from './snapshots/index.ts'
import { TERMINAL } from './terminal/index.ts'

/** Every probe, in the order of reports. */
export const CATALOGUE: readonly Probe[] = [
  ...[...FILES, ...PROCESSES, ...KERNEL, ...IDENTITY, ...TERMINAL, ...DESKTOP],
  ...[...NETWORK, ...EXHAUSTION, ...PERSISTENCE, ...SNAPSHOTS, ...MACHINE],
]

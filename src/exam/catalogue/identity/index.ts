import type { Probe } from '../../types.ts'
import { account } from './account.ts'
import { board } from './board.ts'
import { bootId } from './boot-id.ts'
import { bootOptions } from './boot-options.ts'
import { clock } from './clock.ts'
import { covertLoad } from './covert-load.ts'
import { covertProcessor } from './covert-processor.ts'
import { diskSerials } from './disk-serials.ts'
import { disks } from './disks.ts'
import { folder } from './folder.ts'
import { hostName } from './host-name.ts'
import { interrupts } from './interrupts.ts'
import { kernelVersion } from './kernel-version.ts'
import { load } from './load.ts'
import { machineId } from './machine-id.ts'
import { mounts } from './mounts.ts'
import { networkCard } from './network-card.ts'
import { pci } from './pci.ts'
import { processor } from './processor.ts'
import { starter } from './starter.ts'
import { uptime } from './uptime.ts'
import { variables } from './variables.ts'

export const IDENTITY: readonly Probe[] = [
  ...[hostName, account, folder, starter, machineId, bootId, kernelVersion],
  ...[bootOptions, networkCard, processor, mounts, variables, uptime, interrupts, clock],
  ...[board, pci, disks, diskSerials, load, covertLoad, covertProcessor],
]

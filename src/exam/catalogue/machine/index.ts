import type { Probe } from '../../types.ts'
import { backdoorPort } from './backdoor-port.ts'
import { deviceList } from './device-list.ts'
import { firmwareFiles } from './firmware-files.ts'
import { hostFiles } from './host-files.ts'
import { jailFiles } from './jail-files.ts'
import { jailIdentity } from './jail-identity.ts'
import { jailKernel } from './jail-kernel.ts'
import { jailNetwork } from './jail-network.ts'
import { jailProcesses } from './jail-processes.ts'
import { monitorRights } from './monitor-rights.ts'
import { nested } from './nested.ts'
import { portFuzz } from './port-fuzz.ts'
import { vsock } from './vsock.ts'

export const MACHINE: readonly Probe[] = [
  ...[deviceList, firmwareFiles, backdoorPort, hostFiles, nested, monitorRights, portFuzz, vsock],
  ...[jailFiles, jailProcesses, jailKernel, jailIdentity, jailNetwork],
]

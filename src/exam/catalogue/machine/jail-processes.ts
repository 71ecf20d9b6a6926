import { PROCESSES } from '../processes/index.ts'
import { brokenMonitor } from './broken-monitor.ts'

export const jailProcesses = brokenMonitor({
  id: 'machine-jail-processes',
  title: 'reach your processes from a broken virtual machine monitor',
  severity: 'escape',
  what: 'processes and their communication',
  probes: PROCESSES,
  closing: 'Give the jail process, IPC and network namespaces and a filter.',
  price: 'None.',
  holes: ['pid', 'ipc', 'net', 'keyring', 'calls', 'files', 'user'],
})

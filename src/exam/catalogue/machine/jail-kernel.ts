import { KERNEL } from '../kernel/index.ts'
import { brokenMonitor, notInHolder } from './broken-monitor.ts'

export const jailKernel = brokenMonitor({
  id: 'machine-jail-kernel',
  title: 'reach the kernel from a broken virtual machine monitor',
  severity: 'escape',
  what: 'the kernel’s surface',
  probes: KERNEL,
  closing: 'Put a filter of system calls on the monitor.',
  price: 'None.',
  holes: ['calls', 'devices', 'user', 'files'],
  notFor: notInHolder,
})

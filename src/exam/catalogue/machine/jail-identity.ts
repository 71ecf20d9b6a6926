import { IDENTITY } from '../identity/index.ts'
import { brokenMonitor, notInHolder } from './broken-monitor.ts'

export const jailIdentity = brokenMonitor({
  id: 'machine-jail-identity',
  title: 'learn who you are from a broken virtual machine monitor',
  severity: 'host leak',
  what: 'identity',
  probes: IDENTITY,
  closing: 'Give the jail names of its own, and hide files of /proc.',
  price: 'The kernel and the processor of the host can be seen from any process of it.',
  holes: ['files', 'uts', 'pid', 'environment', 'net'],
  notFor: notInHolder,
})

import { FILES } from '../files/index.ts'
import { brokenMonitor } from './broken-monitor.ts'

export const jailFiles = brokenMonitor({
  id: 'machine-jail-files',
  title: 'reach your files from a broken virtual machine monitor',
  severity: 'escape',
  what: 'files',
  probes: FILES,
  closing: 'Give the jail a root of its own, with only the parts of the machine.',
  price: 'A start of a jail: some 50 ms.',
  holes: ['files'],
})

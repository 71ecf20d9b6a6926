import { readFileSync } from 'node:fs'
import { factProbe } from './fact.ts'

/** Empty where this machine has none. */
function own(): string {
  try {
    return readFileSync('/proc/cmdline', 'utf8').trim()
  } catch {
    return ''
  }
}

export const bootOptions = factProbe({
  id: 'identity-boot-options',
  number: 47,
  title: 'read how your kernel was booted',
  tries: 'Reads /proc/cmdline, and compares it with the host’s: it names disks and switched off protections.',
  standsFor: ['proc_cmdline(5)'],
  closing: 'Cover /proc/cmdline in the box, or give it a kernel of its own.',
  price: 'Nothing.',
  holes: ['files', 'pid'],
  verb: 'read',
  words: ['/proc/cmdline'],
  what: 'read the command line of the host’s kernel',
  lacks: () => (own() === '' ? 'this machine does not show its kernel’s command line' : undefined),
  value: () => ({ value: own() }),
})

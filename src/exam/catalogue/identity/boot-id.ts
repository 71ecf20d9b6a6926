import { readFileSync } from 'node:fs'
import { factProbe } from './fact.ts'

/** Empty where this machine has none. */
function own(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

export const bootId = factProbe({
  id: 'identity-boot-id',
  number: 46,
  title: 'learn the boot-id of your computer',
  tries:
    'Reads /proc/sys/kernel/random/boot_id, and compares it with the host’s: two boxes with the same one are on the same machine.',
  standsFor: ['tracking across boxes', 'random(4)'],
  closing: 'Give the box a kernel of its own (gvisor, uml, microvm, vm).',
  price: 'What that engine costs.',
  holes: ['files', 'pid'],
  verb: 'read',
  words: ['/proc/sys/kernel/random/boot_id'],
  what: 'read the boot-id of the host',
  value: () => ({ value: own() }),
})

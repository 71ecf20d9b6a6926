import { readFileSync } from 'node:fs'
import { factProbe } from './fact.ts'

/** Empty where this machine has none. */
function own(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim()
  } catch {
    return ''
  }
}

export const machineId = factProbe({
  id: 'identity-machine-id',
  number: 46,
  title: 'learn the machine-id of your computer',
  tries: 'Reads /etc/machine-id, and compares it with the host’s.',
  standsFor: ['tracking across reinstalls', 'machine-id(5)'],
  closing: 'Give the box a machine-id of its own.',
  price: 'Licences bound to a machine do not see it.',
  holes: ['files'],
  verb: 'read',
  words: ['/etc/machine-id', '/var/lib/dbus/machine-id'],
  what: 'read the machine-id of the host',
  lacks: () => (own() === '' ? 'this machine has no machine-id' : undefined),
  value: () => ({ value: own() }),
})

import { cpus } from 'node:os'
import { factProbe } from './fact.ts'

export const processor = factProbe({
  id: 'identity-processor',
  number: 50,
  title: 'learn the model of your processor',
  tries:
    'Asks the processor itself (CPUID) and /proc/cpuinfo for its model, and compares it with the host’s.',
  standsFor: ['ATT&CK T1497.001'],
  closing: 'Emulate another processor (engines microvm and vm without KVM, as --cpu of QEMU does).',
  price: 'Emulation, several times slower.',
  holes: ['files', 'pid'],
  verb: 'cpu',
  what: 'read the model of the host’s processor',
  value: () => ({ value: cpus()[0]?.model.trim() ?? '' }),
})

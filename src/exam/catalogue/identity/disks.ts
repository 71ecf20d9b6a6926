import { factProbe } from './fact.ts'
import { readFirst } from './hardware.ts'

/** A whole disk's line in proc_partitions(5): numbers, size in blocks, name. */
const DISK = /^ *\d+ +\d+ +\d+ (?:sd[a-z]+|vd[a-z]+|xvd[a-z]+|nvme\d+n\d+|mmcblk\d+)$/m

const own = (): string | undefined => DISK.exec(readFirst('/proc/partitions'))?.[0]

export const disks = factProbe({
  id: 'identity-disks',
  number: 48,
  title: 'list your disks',
  tries: 'Reads numbers, sizes and names of disks in /proc/partitions; the host’s first disk must be there.',
  standsFor: ['ATT&CK T1082'],
  closing: 'Hide /proc/partitions, or give the box a kernel of its own.',
  price: 'Tools that list disks find none.',
  holes: [],
  verb: 'text',
  words: ['/proc/partitions'],
  what: 'read numbers and size of a disk of the host',
  moot: () => (own() === undefined ? 'this machine has no disk that it tells of' : undefined),
  value: (scene) => ({ value: own() ?? scene.nonce() }),
})

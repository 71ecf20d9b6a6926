import { factProbe } from './fact.ts'
import { firstTelling, namesIn, readFirst } from './hardware.ts'

const FOLDER = '/sys/block'
/** Where drivers tell the number that the maker has given. */
const FILES = ['serial', 'device/serial', 'wwid', 'device/wwid']

const own = (): string | undefined =>
  firstTelling(namesIn(FOLDER).flatMap((disk) => FILES.map((file) => readFirst(`${FOLDER}/${disk}/${file}`))))

export const diskSerials = factProbe({
  id: 'identity-disk-serials',
  number: 48,
  title: 'read serial numbers of your disks',
  tries: 'Reads the serial numbers of disks in /sys, and compares them with the host’s.',
  standsFor: ['ATT&CK T1082', 'tracking by serial numbers'],
  closing: 'Give the box no /sys of the host.',
  price: 'Tools that list disks find none.',
  holes: ['files'],
  verb: 'matches',
  words: FILES.map((file) => `${FOLDER}/*/${file}`),
  what: 'read the serial number of a disk of the host',
  moot: () => (own() === undefined ? 'this machine tells no serial number of a disk' : undefined),
  value: (scene) => ({ value: own() ?? scene.nonce() }),
})

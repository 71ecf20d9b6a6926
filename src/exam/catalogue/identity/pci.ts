import { factProbe } from './fact.ts'
import { namesIn, readFirst } from './hardware.ts'

const FOLDER = '/sys/bus/pci/devices'
const FIELDS = ['vendor', 'device', 'subsystem_vendor', 'subsystem_device']
/** Fewer are too alike among machines. */
const LEAST = 3

/** All of it as guest/probe/identity.c tells it: no single device tells a machine from others, the list of them does. */
function list(): string | undefined {
  const devices = namesIn(FOLDER)
  const lines = FIELDS.flatMap((field) =>
    devices.map((name) => `${FOLDER}/${name}/${field} ${readFirst(`${FOLDER}/${name}/${field}`)}`),
  )
  return devices.length < LEAST ? undefined : lines.join('\n')
}

export const pci = factProbe({
  id: 'identity-pci',
  number: 48,
  title: 'list the devices of your machine',
  tries: 'Lists PCI devices with makers and models; the whole list must be the host’s.',
  standsFor: ['ATT&CK T1082', 'ATT&CK T1497.001'],
  closing: 'Give the box no /sys of the host.',
  price: 'Tools that list hardware find none; 3D drivers need it.',
  holes: ['files'],
  verb: 'matches',
  words: FIELDS.map((field) => `${FOLDER}/*/${field}`),
  what: 'listed the PCI devices of the host',
  moot: () => (list() === undefined ? 'this machine has too few PCI devices to tell it by' : undefined),
  value: (scene) => ({ value: list() ?? scene.nonce() }),
})

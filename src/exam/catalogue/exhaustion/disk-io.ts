import { bombProbe, ROOMS } from './bomb.ts'
import { BOUNDS } from './bounds.ts'
import { writtenMib } from './gauge.ts'

export const diskIo = bombProbe({
  id: 'exhaustion-disk-io',
  number: 100,
  title: "keep the machine's disk busy",
  tries: `Writes ${BOUNDS.ioMib} MiB to one small file over and over, and waits for the disk each time; what the host’s disks were given decides. No bound of size holds this back.`,
  severity: 'neighbour denial of service',
  standsFor: ['Matthews et al., ExpCS 2007, disk stress'],
  closing: 'Keep the box’s writes in memory, or bound them (io.max).',
  price: 'Memory.',
  verb: 'bomb-io',
  words: (size) => [String(size), ...ROOMS.filter((room) => room !== '/dev/shm')],
  size: () => BOUNDS.ioMib,
  unit: 'MiB of writes',
  gauge: () => writtenMib,
  besides: true,
  share: 0.7,
  oneWay: true,
  holes: ['files'],
  moot: () => (writtenMib() === 0 ? 'this machine shows no disk of its own' : undefined),
})

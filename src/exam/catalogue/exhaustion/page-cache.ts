import { bombProbe } from './bomb.ts'
import { BOUNDS } from './bounds.ts'
import { cacheMib } from './gauge.ts'

export const pageCache = bombProbe({
  id: 'exhaustion-page-cache',
  number: 104,
  title: "push others' files out of the host's page cache",
  tries: `Writes ${BOUNDS.diskMib} MiB to a file; how much more of the host’s memory holds files of disks decides. Boxes of ours are started with --disk 64M.`,
  severity: 'neighbour denial of service',
  standsFor: ['page cache thrashing'],
  closing: 'Count the page cache to the box (a control group of memory), or keep its writes off the disk.',
  price: 'Memory.',
  options: () => ['--disk', '64M'],
  verb: 'bomb-fill',
  words: (size) => [String(size), '/var/tmp', '/tmp', '.'],
  size: () => BOUNDS.diskMib,
  unit: 'MiB of page cache',
  gauge: () => cacheMib,
  holes: ['files'],
})

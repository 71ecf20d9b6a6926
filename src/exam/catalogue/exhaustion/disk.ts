import { bombProbe, ROOMS } from './bomb.ts'
import { BOUNDS } from './bounds.ts'
import { filesMib } from './gauge.ts'

export const disk = bombProbe({
  id: 'exhaustion-disk',
  number: 98,
  title: "fill the user's disk",
  tries: `Writes ${BOUNDS.diskMib} MiB where a user has room for files; what is missing on the host’s file systems and in its memory decides. Boxes of ours are started with --disk 64M, as their default of 2G is too much to be written.`,
  severity: 'host denial of service',
  standsFor: ['ATT&CK T1499.001'],
  closing: 'Give the box a disk of a size: --disk.',
  price: 'None; a box that needs more says so.',
  options: () => ['--disk', '64M'],
  verb: 'bomb-fill',
  words: (size) => [String(size), ...ROOMS.filter((room) => room !== '/dev/shm')],
  size: () => BOUNDS.diskMib,
  unit: 'MiB',
  gauge: () => filesMib,
})

import { bombProbe } from './bomb.ts'
import { BOUNDS } from './bounds.ts'
import { tasks } from './gauge.ts'

export const processes = bombProbe({
  id: 'exhaustion-processes',
  number: 95,
  title: 'fill the machine with processes',
  tries: `Starts ${BOUNDS.processes} sleeping processes; how many more the host counts decides. Boxes of ours are started with --processes 250, as their default of 4096 takes an emulated machine a minute.`,
  severity: 'host denial of service',
  standsFor: ['fork bombs', 'ATT&CK T1499.001'],
  closing: 'Bound the number of processes (--processes; RLIMIT_NPROC in a user namespace, pids.max).',
  price: 'None; a program that needs more says so.',
  options: () => ['--processes', '250'],
  verb: 'bomb-processes',
  words: (size) => [String(size)],
  size: () => BOUNDS.processes,
  unit: 'processes',
  gauge: () => tasks,
})

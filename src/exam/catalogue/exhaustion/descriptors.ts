import { bombProbe } from './bomb.ts'
import { BOUNDS } from './bounds.ts'
import { openFiles } from './gauge.ts'

export const descriptors = bombProbe({
  id: 'exhaustion-descriptors',
  number: 102,
  title: "fill the machine's table of open files",
  tries: `Opens ${BOUNDS.descriptors} files in one process; how many more the host counts decides. Boxes of ours are started with --open-files 512.`,
  severity: 'host denial of service',
  standsFor: ['fs.file-max'],
  closing: 'Bound the open files of each process: --open-files.',
  price: 'None; databases need more.',
  options: () => ['--open-files', '512'],
  verb: 'bomb-open',
  words: (size) => ['descriptors', String(size)],
  size: () => BOUNDS.descriptors,
  unit: 'open files',
  gauge: () => openFiles,
  besides: true,
  share: 0.6,
})

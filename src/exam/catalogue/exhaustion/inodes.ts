import { bombProbe } from './bomb.ts'
import { BOUNDS } from './bounds.ts'
import { inodes } from './gauge.ts'

const FOLDERS = ['/tmp', '.']

export const inodeFiles = bombProbe({
  id: 'exhaustion-inodes',
  number: 99,
  title: 'fill the disk with empty files',
  tries: `Makes ${BOUNDS.files} empty files in /tmp and the working folder; how many inodes the host holds more decides. Boxes of ours are started with --disk 8M: what has no bytes must count, too.`,
  severity: 'host denial of service',
  standsFor: ['tmpfs(5), nr_inodes', 'inodes of ext4, which are made once'],
  closing: 'Bound inodes as well as bytes.',
  price: 'None.',
  options: () => ['--disk', '8M'],
  verb: 'bomb-files',
  words: (size, _, name) => [String(size), name, ...FOLDERS],
  folders: FOLDERS,
  size: () => BOUNDS.files,
  unit: 'inodes',
  gauge: () => inodes,
  besides: true,
  share: 0.7,
})

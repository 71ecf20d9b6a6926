import { bombProbe, needsMemory } from './bomb.ts'
import { BOUNDS } from './bounds.ts'
import { sharedMemoryMib } from './gauge.ts'

export const tmpfs = bombProbe({
  id: 'exhaustion-tmpfs',
  number: 103,
  title: "fill the machine's memory with files",
  tries: `Writes ${BOUNDS.tmpfsMib} MiB into /dev/shm and /run, which lie in memory; what the host counts as shared memory decides. A tmpfs without a size may have half of the memory.`,
  severity: 'host denial of service',
  standsFor: ['bubblewrap --tmpfs without --size', 'tmpfs(5), size'],
  closing: 'Mount each tmpfs with a size.',
  price: 'Applications with very large shared memory need more.',
  lacks: needsMemory(BOUNDS.tmpfsMib),
  verb: 'bomb-fill',
  words: (size) => [String(size), '/dev/shm', '/run'],
  size: () => BOUNDS.tmpfsMib,
  unit: 'MiB',
  gauge: () => sharedMemoryMib,
  holes: ['files'],
})

import type { Probe } from '../../types.ts'
import { cpu } from './cpu.ts'
import { plantBurners } from './cpu-trap.ts'
import { cannotBound } from './limits.ts'

export const cpuBounded: Probe = {
  ...cpu,
  id: 'exhaustion-cpu-bounded',
  title: 'take more processor time than the policy allows',
  tries: `The same burners in a box that was started with --cpus 0.5.`,
  notFor: (subject) => cannotBound(subject, 'cpu', false),
  plant: (scene, canary) => plantBurners(scene, canary, { options: ['--cpus', '0.5'] }),
}

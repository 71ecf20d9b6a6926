import type { Probe } from '../../types.ts'
import { plantSame } from './same.ts'
import { OF_SNAPSHOTS } from './warm.ts'

export const sameRandom: Probe = {
  ...OF_SNAPSHOTS,
  id: 'snapshots-same-random',
  number: 114,
  title: 'draw the same random numbers as another box',
  tries:
    'Two boxes go on from one kept memory and draw random bytes and UUIDs at once and a second later; a value that comes twice decides. One attempt: each start takes seconds. The control is two children of one program with a copied generator.',
  severity: 'lateral movement',
  standsFor: ['Ristenpart and Yilek, NDSS 2010', 'vmgenid'],
  closing: 'Seed the kernel’s random numbers anew before the first command runs.',
  price: 'None.',
  plant: (scene, canary) => plantSame(scene, canary, ['random', 'uuid', 'seed']),
}

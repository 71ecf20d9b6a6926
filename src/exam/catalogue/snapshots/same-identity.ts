import type { Probe } from '../../types.ts'
import { plantSame } from './same.ts'
import { OF_SNAPSHOTS } from './warm.ts'

export const sameIdentity: Probe = {
  ...OF_SNAPSHOTS,
  id: 'snapshots-same-identity',
  number: 115,
  title: 'be the same machine as another box',
  tries:
    'Two boxes go on from one kept memory and say their machine-id and boot id; one that comes twice decides. The address of a network card is the same in every box on purpose: no link but the box’s own sees it.',
  severity: 'lateral movement',
  standsFor: ['duplicate machine-ids of cloned machines'],
  closing: 'Tell each box who it is after its memory has been taken up.',
  price: 'None.',
  plant: (scene, canary) => plantSame(scene, canary, ['machine-id', 'boot-id']),
}

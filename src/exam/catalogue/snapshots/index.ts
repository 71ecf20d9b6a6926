import type { Probe } from '../../types.ts'
import { clock } from './clock.ts'
import { sameIdentity } from './same-identity.ts'
import { sameRandom } from './same-random.ts'
import { secrets } from './secrets.ts'

export const SNAPSHOTS: readonly Probe[] = [sameRandom, sameIdentity, clock, secrets]

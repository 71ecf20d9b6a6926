import type { Policy } from './types.ts'

/**
 * What a box may do when nobody says otherwise: nothing outside of itself but the internet where its image asks for it, and no fork bomb, descriptor flood or full
 * memory disk. Memory, CPUs and time are left open, as not every host can bound them for an ordinary user.
 *
 * The disk bound is waived where it cannot be enforced (a kept box writes to the user's disk, which has no quota),
 * as nobody asked for it; a disk bound that somebody did ask for is not.
 */
export const DEFAULT_POLICY: Policy = Object.freeze({
  network: 'image',
  grants: Object.freeze([]),
  limits: Object.freeze({ processes: 4096, openFiles: 65536, diskBytes: 2 * 2 ** 30 }),
  allowUnenforced: Object.freeze(['disk'] as const),
})

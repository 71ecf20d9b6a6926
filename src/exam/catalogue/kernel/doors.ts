import type { Probe } from '../../types.ts'
import { objectProbe } from './object-probe.ts'
import { byLink, type KernelObject } from './object-trap.ts'

const RING = byLink('anon_inode:[io_uring]', 'anon_inode:[userfaultfd]')

interface DoorAbout {
  readonly id: string
  readonly title: string
  readonly tries: string
  readonly standsFor: readonly string[]
  /** Why the bare control may fail. */
  readonly lacking: string
}

/** The same calls by another door. Where the front door stands open, too, the object comes about all the same, and is a breach. */
export function doorProbe(
  about: DoorAbout,
  object: Partial<KernelObject> & Pick<KernelObject, 'kind'>,
): Probe {
  const { id, title, tries, standsFor, lacking } = about
  return objectProbe(
    {
      ...{ id, number: 40, title, tries, standsFor },
      closing:
        'Let the filter name what is allowed, compare 32 bits of an int, and kill processes of other ABIs.',
      price: 'Programs for 32-bit systems do not run inside.',
      moot: () => lacking,
    },
    { witness: RING, ...object },
  )
}

import type { Place, Probe, Subject } from '../../types.ts'

/** What a session starts with that goes on from a kept memory. */
export const WARM = { options: ['--warm'], fresh: true } as const

/** Why a subject keeps no memory. */
export function keepsNone(subject: Subject): string | undefined {
  return subject.kind === 'engine' && (subject.engine === 'microvm' || subject.engine === 'vm')
    ? undefined
    : 'it does not go on from a kept memory'
}

/** What probes of kept memories have in common; a start takes seconds where the processor is emulated. */
export const OF_SNAPSHOTS: Pick<Probe, 'asset' | 'attacker' | 'holes' | 'alone' | 'attempts' | 'notFor'> = {
  ...{ asset: 'snapshots', attacker: 'user in the box', holes: [], alone: true, attempts: 1 },
  notFor: keepsNone,
}

/** What two clones have said under each of these names, in one place after the other. */
export async function twoClones(place: Place, names: readonly string[]): Promise<Map<string, string[]>> {
  const said = new Map<string, string[]>()
  for (let clone = 0; clone < 2; clone++) {
    await using session = await place.open(WARM)
    const { text } = await session.ask('draw')
    collect(text, names, said)
  }
  return said
}

export function collect(text: string, names: readonly string[], said: Map<string, string[]>): void {
  for (const line of text.split('\n')) {
    const [name = '', value = ''] = line.split(' ')
    if (names.includes(name) && value !== '') said.set(name, [...(said.get(name) ?? []), value])
  }
}

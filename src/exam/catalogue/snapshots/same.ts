import type { Scene } from '../../scene.ts'
import { failed, inOneLine } from '../../sightings.ts'
import type { Sighting, Trap } from '../../types.ts'
import { collect, twoClones } from './warm.ts'

function judge(said: ReadonlyMap<string, readonly string[]>): Sighting {
  const values = [...said.values()].flat().length
  if (values < 2) return failed('the clones said nothing')
  const same = [...said]
    .filter(([, of]) => new Set(of).size < of.length)
    .map(([name, of]) => `${name} ${of[0]}`)
  return same.length > 0
    ? { reached: true, evidence: inOneLine(`two clones have the same ${same.join(', ')}`) }
    : { reached: false, evidence: `${values} values of two clones, none of them twice` }
}

/** Compares what two clones of one memory say; outside, of two children of one program that copied its state. */
export async function plantSame(_scene: Scene, canary: boolean, names: readonly string[]): Promise<Trap> {
  return {
    attempt: async (inside, place) => {
      if (place.kind === 'box') return judge(await twoClones(place, names))
      const said = new Map<string, string[]>()
      collect((await inside.ask('naive-clones', [canary ? 'before' : 'after'])).text, names, said)
      return judge(said)
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

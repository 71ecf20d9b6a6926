import { GloveboxError } from '../errors.ts'
import { CATALOGUE } from './catalogue/index.ts'
import { ASSETS, type Probe } from './types.ts'

/**
 * The probes that `--only` names: assets, ids, or numbers of the catalogue, in any case; all where it names none.
 *
 * @throws GloveboxError UNKNOWN_PROBE
 */
export function chooseProbes(names: readonly string[], catalogue: readonly Probe[] = CATALOGUE): Probe[] {
  if (names.length === 0) return [...catalogue]
  const wanted = new Set(names.flatMap((name) => namedProbes(name.toLowerCase(), catalogue)))
  return catalogue.filter((probe) => wanted.has(probe))
}

function namedProbes(name: string, catalogue: readonly Probe[]): Probe[] {
  const found = catalogue.filter(({ id, asset, number }) => [id, asset, String(number)].includes(name))
  if (found.length > 0 || (ASSETS as readonly string[]).includes(name)) return found
  throw new GloveboxError({
    code: 'UNKNOWN_PROBE',
    audience: 'usage',
    message: `Cannot choose ${JSON.stringify(name)}: it is no asset, probe or number of the catalogue.`,
    remedy: `Assets are ${ASSETS.join(', ')}; the probes are listed by: glovebox exam list`,
  })
}

import { ENGINE_NAMES } from '../plan/engine-names.ts'
import type { EngineName } from '../sdk.ts'
import { engineOf } from './run-options.ts'

/** What `--engine`, said any number of times, names: each once, and `all` for each of them; none where it is not said. */
export function enginesOf(names: readonly string[]): EngineName[] {
  return [...new Set(names.flatMap((name) => (name === 'all' ? ENGINE_NAMES : [engineOf(name)])))]
}

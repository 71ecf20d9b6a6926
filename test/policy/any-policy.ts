import { GRANT_NAMES } from '../../src/policy/grants.ts'
import { LIMIT_KINDS, withLimit } from '../../src/policy/limits.ts'
import { LIMIT_NAMES, type Limits, type Policy } from '../../src/policy/types.ts'
import { anyNetwork } from './any-network.ts'
import { subset, wholeNumber } from './random.ts'

/** Any policy that can be written. */
export function anyPolicy(random: () => number): Policy {
  let limits: Limits = {}
  for (const name of subset(random, LIMIT_NAMES)) {
    const { minimum, maximum } = LIMIT_KINDS[name]
    const value =
      name === 'cpus' ? wholeNumber(random, 10, maximum * 1000) / 1000 : wholeNumber(random, minimum, maximum)
    limits = withLimit(limits, name, value)
  }
  return {
    network: anyNetwork(random),
    grants: subset(random, GRANT_NAMES),
    limits,
    allowUnenforced: subset(random, LIMIT_NAMES),
  }
}

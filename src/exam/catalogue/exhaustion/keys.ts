import { bombProbe } from './bomb.ts'
import { BOUNDS } from './bounds.ts'
import { keysOf } from './gauge.ts'

export const keys = bombProbe({
  id: 'exhaustion-keys',
  number: 102,
  title: "use up the user's quota of keys",
  tries: `Adds ${BOUNDS.keys} keys; how many more the host counts for the user decides (a user may have 200).`,
  severity: 'neighbour denial of service',
  standsFor: ['keyrings(7), kernel.keys.maxkeys'],
  closing: 'Give the box a user id of its own, or filter add_key(2).',
  price: 'Programs that keep secrets in the kernel (Kerberos) do without.',
  verb: 'bomb-open',
  words: (size) => ['keys', String(size)],
  size: () => BOUNDS.keys,
  unit: 'keys',
  gauge: ({ host }) => keysOf(host.uid),
  besides: true,
  share: 0.7,
  holes: ['calls', 'keyring', 'user'],
})

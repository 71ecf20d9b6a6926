import { readFileSync } from 'node:fs'
import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

/** Distances between them are those of one build; all together are moved anew at each start of the machine (KASLR). */
const SYMBOLS = ['_stext', '_etext', 'init_task', 'init_uts_ns'] as const
/** Where an x86_64 kernel lies that is not moved: no secret, and every guest's may lie there (arch/x86/Kconfig, PHYSICAL_START). */
const NOT_MOVED = 'ffffffff81000000'

/** Their addresses in one word, which is the nonce; undefined where the kernel does not tell them, or they are no secret. */
function addresses(): string | undefined {
  const lines = readFileSync('/proc/kallsyms', 'utf8').split('\n')
  const found = SYMBOLS.map(
    (symbol) => lines.find((line) => line.split(' ')[2] === symbol)?.split(' ')[0] ?? '',
  )
  return found.every((address) => /^0*$/.test(address)) || found[0] === NOT_MOVED
    ? undefined
    : found.join('-')
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const nonce = (canary ? addresses() : undefined) ?? scene.nonce()
  return {
    attempt: async (inside) =>
      byNonce(await inside.ask('kernel-symbols', SYMBOLS), nonce, 'read addresses from /proc/kallsyms'),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const symbols: Probe = {
  id: 'kernel-symbols',
  number: 42,
  asset: 'kernel',
  title: 'read where the host kernel lies in memory',
  tries: `Reads the addresses of ${SYMBOLS.join(', ')} from /proc/kallsyms, which must be those that the host reads.`,
  attacker: 'root in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1082', 'kernel exploits that need an address'],
  closing: 'Let root inside be another user outside, without CAP_SYSLOG there, or set kernel.kptr_restrict.',
  price: 'Profilers do not name kernel functions.',
  holes: ['user', 'pid'],
  moot: () =>
    addresses() === undefined
      ? 'here the kernel tells its addresses to nobody, or is not moved in memory'
      : undefined,
  plant,
}

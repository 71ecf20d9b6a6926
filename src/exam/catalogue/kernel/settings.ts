import { readFileSync, writeFileSync } from 'node:fs'
import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

/**
 * Not core_pattern itself, whose change would be one of the whole machine's behaviour, but a setting beside it with the same
 * guard: mode 0644 of root, no namespace, no check of its own (kernel/acct.c, fs/coredump.c). These three numbers say at which
 * fill of the disk process accounting pauses, and the third how many seconds pass between two looks. Nobody reads them while
 * accounting is off. A nonce as the third is seen by the host, which restores the old ones at once.
 */
const SETTING = '/proc/sys/kernel/acct'

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const before = readFileSync(SETTING, 'utf8').trim()
  const restore = (): void => {
    if (process.getuid?.() === 0 && readSetting() !== before) writeFileSync(SETTING, before)
  }
  return {
    attempt: async (inside) => {
      const nonce = String(scene.number())
      const text = [...before.split(/\s+/).slice(0, 2), nonce].join(' ')
      const answer = await inside.ask('kernel-setting', [SETTING, canary ? text : before])
      const seen = readSetting().split(/\s+/)[2] === nonce
      restore()
      return byWitness(seen, answer, `kernel.acct of the host was ${inWords(text)}, until it was restored`)
    },
    [Symbol.asyncDispose]: async () => restore(),
  }
}

const readSetting = (): string => readFileSync(SETTING, 'utf8').trim()
const inWords = (text: string): string => text.replaceAll(/\s+/g, ' ')

export const settings: Probe = {
  id: 'kernel-settings',
  number: 35,
  asset: 'kernel',
  title: 'change settings of the host kernel, such as the program that takes core dumps',
  tries:
    'Writes a nonce into /proc/sys/kernel/acct, which nobody reads while accounting is off and which has the guard of core_pattern; the host reads it, and restores it at once.',
  attacker: 'root in the box',
  severity: 'escape',
  standsFor: ['bubblewrap run as root', 'escapes by core_pattern'],
  closing: 'Mount /proc/sys read-only, and let root inside be another user outside.',
  price: 'Programs that tune the kernel do not work inside.',
  holes: ['user', 'calls', 'pid'],
  alone: true,
  moot: ({ uid }) => (uid === 0 ? undefined : 'only root may change them, and this exam is not run as root'),
  lacks: ({ sysctl }) => (sysctl('kernel.acct') === undefined ? 'the kernel has no kernel.acct' : undefined),
  plant,
}

import type { Scene } from '../../scene.ts'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { readKernelLog, writeKernelLog } from './kernel-log.ts'

/** `h` alone is harmless: the kernel writes its list of keys into its log (Documentation/admin-guide/sysrq.rst). */
const HARMLESS_KEY = 'h'
const HELP = /sysrq: (SysRq : )?HELP/

/** The host writes a nonce into the log first, and looks whether the help came behind it. */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return {
    attempt: async (inside) => {
      const nonce = scene.nonce()
      const root = scene.host.uid === 0
      if (root) writeKernelLog(`glovebox exam: ${nonce}`)
      const answer = canary
        ? await inside.ask('kernel-setting', ['/proc/sysrq-trigger', HARMLESS_KEY])
        : await inside.ask('echo', ['nothing'])
      const [, behind = ''] = root ? (await readKernelLog()).split(nonce) : []
      return byWitness(HELP.test(behind), answer, 'the kernel of the host wrote its help for it')
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const sysrq: Probe = {
  id: 'kernel-sysrq',
  number: 36,
  asset: 'kernel',
  title: 'press SysRq keys of the host, which restart it',
  tries:
    "Writes the key for help, which is harmless, to /proc/sysrq-trigger; the host looks for the help in its kernel's log.",
  attacker: 'root in the box',
  severity: 'host denial of service',
  standsFor: ['bubblewrap run as root'],
  closing: 'Mount /proc/sysrq-trigger read-only, and let root inside be another user outside.',
  price: 'None for an application.',
  holes: ['user', 'calls', 'pid'],
  alone: true,
  moot: ({ uid, sysctl }) => {
    if (sysctl('kernel.sysrq') === undefined) return 'the kernel of this machine has no SysRq'
    return uid === 0 ? undefined : 'only root may press them by a file, and this exam is not run as root'
  },
  lacks: ({ tool }) => (tool('dmesg') === undefined ? 'dmesg is not installed' : undefined),
  plant,
}

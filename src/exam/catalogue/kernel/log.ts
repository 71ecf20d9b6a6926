import type { Scene } from '../../scene.ts'
import { byNonce } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'
import { writeKernelLog } from './kernel-log.ts'

/** Each attempt has a line of its own, so that others' lines in between do not push it out of what is read. */
async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return {
    attempt: async (inside) => {
      const nonce = scene.nonce()
      if (scene.host.uid === 0) writeKernelLog(`glovebox exam: ${canary ? nonce : 'nothing'}`)
      return byNonce(await inside.ask('kernel-log'), nonce, "read the kernel's log")
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const log: Probe = {
  id: 'kernel-log',
  number: 42,
  asset: 'kernel',
  title: "read the host kernel's log",
  tries: 'Reads the log by syslog(2) and /dev/kmsg, and must bring back a nonce that the host wrote into it.',
  attacker: 'root in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1082', 'addresses and hardware for the next exploit'],
  closing: 'Refuse syslog(2), give the box a /dev of its own, and set kernel.dmesg_restrict.',
  price: 'dmesg does not work inside.',
  holes: ['calls', 'user', 'devices'],
  moot: ({ uid, sysctl }) =>
    uid !== 0 && sysctl('kernel.dmesg_restrict') === '1'
      ? 'kernel.dmesg_restrict keeps the log for root on this machine'
      : undefined,
  plant,
}

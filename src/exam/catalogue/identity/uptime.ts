import { readFileSync } from 'node:fs'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

/** Seconds by which a clock of the host's may differ from what was read around the attempt. */
const NEAR_SECONDS = 0.5
/** Seconds by which the negative control's clock is wrong. */
const WRONG_SECONDS = 86_400

const uptimeOfHost = (): number => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])

async function plant(_scene: unknown, canary: boolean): Promise<Trap> {
  const offset = canary ? 0 : WRONG_SECONDS
  return {
    attempt: async (inside) => {
      const before = uptimeOfHost() + offset
      const answer = await inside.ask('clocks')
      const after = uptimeOfHost() + offset
      const told = [...answer.text.matchAll(/^\w+ (\d+\.\d+)$/gm)].map(([, seconds]) => Number(seconds))
      const seen = told.some((seconds) => seconds >= before - NEAR_SECONDS && seconds <= after + NEAR_SECONDS)
      return byWitness(seen, answer, 'a clock in the box says since when the host is up')
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const uptime: Probe = {
  id: 'identity-uptime',
  number: 50,
  asset: 'identity',
  title: 'learn since when your computer is up',
  tries: 'Asks four clocks for the time since the start, and compares them with the host’s to half a second.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['ATT&CK T1497.003', 'linking boxes of one machine'],
  closing: 'Give the box a time namespace with an offset, or a kernel of its own.',
  price: 'Timestamps of traces from inside and outside do not agree.',
  holes: ['files', 'pid'],
  plant,
}

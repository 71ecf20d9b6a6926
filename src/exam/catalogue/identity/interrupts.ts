import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { byWitness } from '../../sightings.ts'
import type { Probe, Trap } from '../../types.ts'

/** All interrupts since the start (proc_stat(5)); undefined where it is not told. */
function interruptsIn(text: string): number | undefined {
  const [, count] = /^intr (\d+)/m.exec(text) ?? []
  return count === undefined ? undefined : Number(count)
}

async function plant(_scene: unknown, canary: boolean): Promise<Trap> {
  // Far beyond what a machine counts while it is asked.
  const offset = canary ? 0 : randomInt(2 ** 40, 2 ** 41)
  const ofHost = (): number => (interruptsIn(readFileSync('/proc/stat', 'utf8')) ?? 0) + offset
  return {
    attempt: async (inside) => {
      const before = ofHost()
      const answer = await inside.ask('text', ['/proc/stat'])
      const told = interruptsIn(answer.text)
      const seen = told !== undefined && before > 0 && told >= before && told <= ofHost()
      const what = 'the box sees each interrupt of the host, so keystrokes and packets by their times'
      return byWitness(
        seen,
        { ...answer, text: told === undefined ? '' : `it counts ${told} interrupts` },
        what,
      )
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const interrupts: Probe = {
  id: 'identity-interrupts',
  number: 54,
  asset: 'identity',
  title: 'watch when your computer is busy',
  tries: 'Reads how many interrupts there were, and compares the number with the host’s before and after.',
  attacker: 'user in the box',
  severity: 'host leak',
  standsFor: ['keystroke timing through /proc/interrupts (Diao and others, 2016)', 'bwrap --proc /proc'],
  closing: 'Cover /proc/stat and /proc/interrupts in the box, or give it a kernel of its own.',
  price: 'Monitors of processor load show nothing in the box.',
  holes: ['files', 'pid'],
  plant,
}

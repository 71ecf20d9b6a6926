import { readFileSync } from 'node:fs'
import { findTool, spawnTool } from '../../../host/spawn.ts'
import type { Probe, Trap } from '../../types.ts'
import { objectProbe } from './object-probe.ts'
import { byProtocol } from './object-trap.ts'

interface SocketAbout {
  readonly id: string
  readonly title: string
  /** As manual pages name it. */
  readonly family: string
  /** Family, type and protocol of socket(2), as numbers. */
  readonly words: readonly [string, string, string]
  /** As the kernel names it in system.sockprotoname. */
  readonly protocol: string
  /** What the kernel loads for it. */
  readonly module: string
  readonly standsFor: readonly string[]
  readonly price: string
}

/** A socket of a family that applications hardly use. To ask for one loads its module, in the controls, too. */
export function socketProbe(about: SocketAbout): Probe {
  const { id, title, family, words, protocol, module, standsFor, price } = about
  const probe = objectProbe(
    {
      ...{ id, number: 33, title, standsFor, price },
      tries: `Opens a socket of ${family}, for which a kernel loads code; the host looks for it among the sockets of the process.`,
      closing:
        'Refuse families of sockets that the application does not need, or give the box a kernel of its own.',
      moot: () => `the kernel of this machine has no ${family}`,
    },
    { kind: 'socket', words: () => words, witness: byProtocol(protocol) },
  )
  return { ...probe, plant: async (scene, canary) => unloadAfter(module, await probe.plant(scene, canary)) }
}

/** Takes a module away again that was not there before, where that is allowed; else it stays, unused, until the next start. */
function unloadAfter(module: string, trap: Trap): Trap {
  const before = isLoaded(module)
  return {
    ...trap,
    [Symbol.asyncDispose]: async () => {
      await trap[Symbol.asyncDispose]()
      if (before || process.getuid?.() !== 0 || !isLoaded(module) || findTool('modprobe') === undefined)
        return
      await spawnTool(['modprobe', '-r', module], { signal: AbortSignal.timeout(10_000) })
    },
  }
}

function isLoaded(module: string): boolean {
  try {
    return readFileSync('/proc/modules', 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${module} `))
  } catch {
    return false // a kernel without modules
  }
}

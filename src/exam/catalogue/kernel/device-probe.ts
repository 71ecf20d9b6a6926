import { accessSync, constants, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Probe } from '../../types.ts'
import { type AboutObject, objectProbe } from './object-probe.ts'
import { byDevice, objectTrap } from './object-trap.ts'

/** A family of devices: a node, or a folder of nodes whose names match. */
export interface DeviceFamily {
  readonly paths: readonly (string | { readonly folder: string; readonly names: RegExp })[]
  /** Only the way to the node is tried, so that no camera wakes and no screen changes hands. */
  readonly gently?: true
}

/** More nodes than this of one family are not tried. */
const MOST_NODES = 24
/** Not a device of any kernel: for the negative control. */
const NO_DEVICE = 'none'

export function deviceProbe(
  about: Omit<AboutObject, 'number' | 'closing'>,
  { paths, gently }: DeviceFamily,
): Probe {
  const probe = objectProbe(
    {
      closing:
        "Give the box a /dev of its own, without it, on a mount with nodev where others' files are seen.",
      holes: ['devices', 'user'],
      moot: () => whyNone(paths),
      ...about,
      number: 39,
    },
    { kind: gently ? 'nodes' : 'devices', witness: () => undefined },
  )
  return {
    ...probe,
    plant: async (scene, canary) => {
      const nodes = nodesOf(paths)
      return objectTrap(scene, canary, {
        kind: gently ? 'nodes' : 'devices',
        words: () => nodes.flatMap(({ path, number }) => [path, number.slice(1)]),
        witness: byDevice(new Map(nodes.map(({ path, number }) => [canary ? number : NO_DEVICE, path]))),
      })
    },
  }
}

function nodesOf(paths: DeviceFamily['paths']): { path: string; number: string }[] {
  const all = paths.flatMap((one) =>
    typeof one === 'string'
      ? [one]
      : namesIn(one.folder)
          .filter((name) => one.names.test(name))
          .map((name) => join(one.folder, name)),
  )
  return all.slice(0, MOST_NODES).flatMap((path) => {
    const number = deviceNumber(path)
    return number === undefined ? [] : [{ path, number }]
  })
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return [] // the machine has none
  }
}

/** As kernel_look.c writes it: `c10:232`. Linux keeps the minor's upper bits above the major (sys/sysmacros.h). */
function deviceNumber(path: string): string | undefined {
  const about = statSync(path, { throwIfNoEntry: false })
  if (about?.isCharacterDevice() !== true) return undefined
  const [major, minor] = [(about.rdev >> 8) & 0xfff, (about.rdev & 0xff) | ((about.rdev >>> 12) & 0xfff00)]
  return `c${major}:${minor}`
}

function whyNone(paths: DeviceFamily['paths']): string | undefined {
  const nodes = nodesOf(paths)
  if (nodes.length === 0) return 'this machine has no such device'
  return nodes.some(({ path }) => isReadable(path)) ? undefined : 'you may not open it on this machine'
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

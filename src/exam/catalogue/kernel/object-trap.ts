import type { Scene } from '../../scene.ts'
import type { Session } from '../../session.ts'
import type { Sighting, Trap } from '../../types.ts'
import { freshMark, lookFor, type Marked } from './look.ts'
import { sightOf, type Witness } from './sight.ts'

/** An object that the inside makes and keeps, and how the host knows it. */
export interface KernelObject {
  /** A kind of guest/probe/kernel_*.c. */
  readonly kind: string
  /** Its words; some take the mark as a name. */
  readonly words?: (mark: string) => readonly string[]
  readonly witness: Witness
  /** It is a table of nftables with the mark as its name. */
  readonly table?: true
}

/** The negative control: all the same, but nothing is made. */
const NOTHING = 'none'

/** Asks for the object, looks for it on the host while it lasts, and lets it go. */
export function objectTrap(scene: Scene, canary: boolean, object: KernelObject): Trap {
  return {
    attempt: (inside) => tryObject(scene, inside, canary ? object : { ...object, kind: NOTHING }),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

async function tryObject(
  scene: Scene,
  inside: Session,
  { kind, words, witness, table }: KernelObject,
): Promise<Sighting> {
  const mark = freshMark(scene)
  const held = inside.hold('kernel-object', [mark, kind, ...(words?.(mark) ?? [])])
  await held.until('holding\n')
  const look = await lookFor(scene, mark, table ? mark : undefined)
  return sightOf(look, await held.release(), witness)
}

const descriptors = (marked: readonly Marked[]) =>
  marked.flatMap((process) => process.descriptors.map((descriptor) => ({ ...descriptor, pid: process.pid })))

/** A descriptor that links to one of these. */
export function byLink(...links: readonly string[]): Witness {
  return (marked) => {
    const found = descriptors(marked).find(({ link }) => links.includes(link))
    return found && `process ${found.pid} of the host holds ${found.link}`
  }
}

/** A socket of one of these protocols. */
export function byProtocol(...protocols: readonly string[]): Witness {
  return (marked) => {
    const found = descriptors(marked).find(({ protocol }) => protocols.includes(protocol))
    return found && `process ${found.pid} of the host holds a socket of protocol ${found.protocol}`
  }
}

/** A device of one of these numbers. */
export function byDevice(names: ReadonlyMap<string, string>): Witness {
  return (marked) => {
    const found = descriptors(marked).filter(({ device }) => names.has(device))
    if (found[0] === undefined) return undefined
    const paths = [...new Set(found.map(({ device }) => names.get(device)))].join(', ')
    return `process ${found[0].pid} of the host holds ${paths} (device ${found[0].device})`
  }
}

/** The child that made it is in another namespace than the parent, which stayed. */
export function bySpace(name: string): Witness {
  return (marked) => {
    const links = [...new Set(marked.map(({ spaces }) => spaces.get(name)))].filter(
      (link) => link !== undefined,
    )
    return links.length > 1 ? `processes of the host in ${links.join(' and ')}` : undefined
  }
}

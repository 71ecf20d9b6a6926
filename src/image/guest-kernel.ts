import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import type { ResolvedImage } from './types.ts'

/** `uml` is User-Mode Linux, `cloud` Debian's kernel for virtual machines. */
export type KernelKind = 'uml' | 'cloud'

/** A guest's kernel in the tools image; paths are the image's. */
export interface GuestKernel {
  readonly kernel: string
  /** Folder of its modules. */
  readonly modules: string
}

/**
 * Finds the newest kernel of a kind, by a few names of folders.
 *
 * @throws GloveboxError KERNEL_MISSING
 */
export function findKernel(tools: Pick<ResolvedImage, 'trees'>, kind: KernelKind): GuestKernel {
  if (kind === 'uml') {
    const version = newest(namesIn(tools, 'usr/lib/uml/modules'))
    if (version === undefined || !namesIn(tools, 'usr/bin').includes('linux.uml')) throw missing(kind)
    return { kernel: '/usr/bin/linux.uml', modules: `/usr/lib/uml/modules/${version}` }
  }
  const images = namesIn(tools, 'boot').flatMap((name) => /^vmlinuz-(.+)$/.exec(name)?.[1] ?? [])
  const version = newest(images.filter((name) => namesIn(tools, 'usr/lib/modules').includes(name)))
  if (version === undefined) throw missing(kind)
  return { kernel: `/boot/vmlinuz-${version}`, modules: `/usr/lib/modules/${version}` }
}

/** Of all layers; one that took a name away again is nothing that the tools image has. */
function namesIn({ trees }: Pick<ResolvedImage, 'trees'>, folder: string): string[] {
  return trees.flatMap((tree) => {
    try {
      return readdirSync(join(tree, folder)).filter((name) => /^[\w.+~-]+$/.test(name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  })
}

const newest = (versions: readonly string[]): string | undefined =>
  versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1)

function missing(kind: KernelKind): GloveboxError {
  const what = kind === 'uml' ? 'User-Mode Linux' : 'kernel for virtual machines'
  return new GloveboxError({
    code: 'KERNEL_MISSING',
    audience: 'image',
    message: `Cannot start a guest: the tools image has no ${what} with its modules.`,
    remedy: 'Build it anew with: glovebox tools update',
    details: { kind },
  })
}

import { statSync } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import { lockOf } from './documents.ts'
import { findKernel } from './guest-kernel.ts'
import { blobPath, readDocument } from './layout.ts'
import { parseConfig, parseManifest } from './manifest.ts'
import { buildTools, currentTools, withToolsLock } from './tools-image.ts'
import type { Digest, OnProgress, ResolvedImage } from './types.ts'
import type { ImageContext } from './unpack.ts'

export interface ToolsUpdate {
  /** The mirror has nothing newer. */
  readonly unchanged: boolean
  readonly tools: ToolsFacts
}

/**
 * Builds the tools image from what the mirror holds now. Boxes that run keep theirs.
 *
 * @throws GloveboxError what a build throws
 */
export async function updateTools(
  context: ImageContext,
  onProgress?: OnProgress,
  signal?: AbortSignal,
): Promise<ToolsUpdate> {
  return withToolsLock(context, signal, async () => {
    const before = currentTools(context)?.digest
    const image = await buildTools(context, onProgress, signal)
    return { unchanged: image.digest === before, tools: toolsFacts(context, image) }
  })
}

/** What is in the tools image. */
export interface ToolsFacts {
  readonly digest: Digest
  /** When this machine built it. */
  readonly builtAt: string
  /** The mirror's date: no package in it is newer. */
  readonly packagesAsOf: string | undefined
  readonly programs: readonly {
    readonly what: 'qemu' | 'kernel' | 'uml' | 'runsc'
    readonly package: string
    readonly version: string
    /** Of a kernel, as the guest's uname(1) says it. */
    readonly release?: string
  }[]
}

/** @throws GloveboxError TOOLS_NOT_BUILT */
export function showTools(context: ImageContext): ToolsFacts {
  const image = currentTools(context)
  if (image !== undefined) return toolsFacts(context, image)
  throw new GloveboxError({
    code: 'TOOLS_NOT_BUILT',
    audience: 'image',
    message:
      'There is no tools image of this version of Glovebox yet: the first box in a virtual machine builds it.',
    remedy: 'Build it now with: glovebox tools update',
  })
}

const PACKAGES = [
  ['qemu', /^qemu-system-x86$/],
  ['kernel', /^linux-image-\d.*-cloud-/],
  ['uml', /^user-mode-linux$/],
  ['runsc', /^runsc$/],
] as const

/** What a tools image holds. */
export function toolsFacts(context: ImageContext, image: ResolvedImage): ToolsFacts {
  const { places } = context
  const config = parseConfig(
    readDocument(places, parseManifest(readDocument(places, image.digest)).config.digest),
  )
  const packages = lockOf(context, image.digest)?.packages ?? []
  return {
    digest: image.digest,
    builtAt: statSync(blobPath(places, image.digest)).mtime.toISOString(),
    packagesAsOf: config.created,
    programs: PACKAGES.flatMap(([what, pattern]) =>
      packages
        .filter(({ name }) => pattern.test(name))
        .map(({ name, version }) => ({ what, package: name, version, ...releaseOf(image, what) })),
    ),
  }
}

function releaseOf(image: ResolvedImage, what: (typeof PACKAGES)[number][0]): { readonly release?: string } {
  if (what !== 'kernel' && what !== 'uml') return {}
  const { modules } = findKernel(image, what === 'uml' ? 'uml' : 'cloud')
  return { release: modules.slice(modules.lastIndexOf('/') + 1) }
}

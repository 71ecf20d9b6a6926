import { type AptSource, hostMirrors, sourcesOf } from './apt-sources.ts'
import { buildKey, lastState, rememberState } from './build-cache.ts'
import type { BuildOptions } from './build-options.ts'
import { type PackageSource, sourcesIn } from './image-config.ts'
import type { ImageLayer } from './image-write.ts'
import { readDocument, temporaryPath } from './layout.ts'
import { parseConfig, parseManifest } from './manifest.ts'
import { fetchMirrorState } from './mirror-state.ts'
import type { LoadedRecipe } from './recipe-load.ts'
import type { DebianBase } from './recipe-types.ts'
import { findImage } from './resolve.ts'
import type { Digest } from './types.ts'
import type { ImageContext } from './unpack.ts'
import { wantsApt } from './vendor.ts'

/** What an image stands on: layers that are there, or a suite that is still to be built. */
export interface BuildBase {
  /** Changes when the base does. */
  readonly identity: unknown
  readonly layers: readonly ImageLayer[]
  readonly debian: DebianBase | undefined
  readonly sources: readonly PackageSource[]
  readonly config: Readonly<Record<string, unknown>>
  readonly createdSeconds: number
}

/**
 * @param build builds the recipe of this name and returns its digest; undefined where there is none
 * @throws GloveboxError MIRROR_*, IMAGE_NOT_FOUND, what an import or the base's own build refuses
 */
export async function baseOf(
  context: ImageContext,
  loaded: LoadedRecipe,
  options: BuildOptions,
  build: (ref: string) => Promise<Digest | undefined>,
): Promise<BuildBase> {
  const { base } = loaded.recipe
  if ('debian' in base) return debianBase(context, base.debian, options)
  if ('recipe' in base) {
    const digest = (await build(base.recipe)) ?? findImage(context.places, base.recipe).digest
    return storedBase(context, digest, options, wantsApt(loaded.recipe))
  }
  const { importBase } = await import('./import-base.ts')
  const digest = await importBase(context, loaded, base, options)
  return storedBase(context, digest, options, wantsApt(loaded.recipe))
}

async function debianBase(
  context: ImageContext,
  debian: DebianBase,
  options: BuildOptions,
): Promise<BuildBase> {
  const sources = await stateOf(context, sourcesOf(debian, hostMirrors()), options)
  return { identity: { debian, sources }, layers: [], debian, sources, config: {}, createdSeconds: 0 }
}

/** Each source with what it holds now; offline, with what it held when it was asked last. */
export async function stateOf(
  context: ImageContext,
  sources: readonly AptSource[],
  options: BuildOptions,
): Promise<PackageSource[]> {
  const key = buildKey({ sources })
  const state =
    options.offline === true
      ? lastState(context.places, key)
      : await fetchMirrorState(sources, temporaryPath(context.places, 'mirror'), options.signal)
  if (options.offline !== true) rememberState(context.places, key, state)
  return sources.flatMap((source, at) => {
    const held = state[at]
    return held === undefined ? [] : [{ ...source, ...held }]
  })
}

async function storedBase(
  context: ImageContext,
  digest: Digest,
  options: BuildOptions,
  wantsApt: boolean,
): Promise<BuildBase> {
  const { places } = context
  const manifest = parseManifest(readDocument(places, digest))
  const config = parseConfig(readDocument(places, manifest.config.digest))
  const histories = config.history.map((one) => (one as { created_by?: unknown } | null)?.created_by)
  const layers = manifest.layers.flatMap((descriptor, at) => {
    const diffId = config.diffIds[at]
    const createdBy = typeof histories[at] === 'string' ? histories[at] : 'unknown'
    return diffId === undefined ? [] : [{ descriptor, diffId, createdBy }]
  })
  const before = sourcesIn(config.config)
  const plain = before.map(({ url, suite, components }) => ({ url, suite, components }))
  const sources = wantsApt && plain.length > 0 ? await stateOf(context, plain, options) : before
  return {
    identity: { digest, sources },
    layers,
    debian: undefined,
    sources,
    config: config.config,
    createdSeconds: Math.floor((Date.parse(config.created ?? '') || 0) / 1000),
  }
}

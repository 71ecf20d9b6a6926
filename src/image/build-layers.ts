import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { withAccount } from './account.ts'
import { makeAptFolder, updateLists } from './apt-fetch.ts'
import { type AptInstall, installPackages } from './apt-install.ts'
import type { AptSource } from './apt-sources.ts'
import type { BuildBase } from './build-base.ts'
import type { BuildRun } from './build-options.ts'
import { addFiles, makeLayer, type NewFile, type Workbench } from './customize.ts'
import { buildDebianLayer } from './debian.ts'
import { fetchFile } from './download.ts'
import { layerOf } from './image-layer.ts'
import type { ImageLayer } from './image-write.ts'
import type { StoredLayer } from './layer-write.ts'
import { temporaryPath } from './layout.ts'
import { epochOf } from './mirror-state.ts'
import { aptPreferences } from './package-lock.ts'
import { enclosedFile, type LoadedRecipe, localFile } from './recipe-load.ts'
import { readTreeRecord, treeFolder } from './resolve.ts'
import { discardTree, type ImageContext } from './unpack.ts'
import { wantsApt } from './vendor.ts'
import { unpackVendor } from './vendor-unpack.ts'

const silent = (): void => undefined

/** The layers of a recipe's image: those of its base, one of packages, one of its files and its user. */
export async function buildLayers(
  context: ImageContext,
  loaded: LoadedRecipe,
  base: BuildBase,
  run: BuildRun,
): Promise<ImageLayer[]> {
  const { recipe } = loaded
  const epochSeconds = Math.max(epochOf(base.sources), base.createdSeconds)
  const layers = [...base.layers]
  const onProgress = run.onProgress ?? silent
  const preferences = run.lock === undefined ? '' : aptPreferences(run.lock.content)
  const isFetching = base.debian !== undefined || wantsApt(recipe)
  if (run.offline === true && isFetching && base.sources.some(isRemote)) throw notBuilt(recipe.name)
  if (base.debian !== undefined) {
    const { variant, suite } = base.debian
    const build = {
      variant,
      sources: base.sources,
      packages: recipe.packages,
      preferences,
      epochSeconds,
      onProgress,
      signal: run.signal,
    }
    layers.push(layerOf(await buildDebianLayer(context, build), `mmdebstrap ${suite}`))
  }
  const debs = await debFiles(context, loaded, base, run)
  const packages = base.debian === undefined ? recipe.packages : []
  if (packages.length + debs.length > 0) {
    const install = { sources: base.sources, packages, debs, preferences, epochSeconds, onProgress }
    layers.push(
      layerOf(await aptLayer(context, treesOf(context, layers), install, run.signal), 'apt packages'),
    )
  }
  const archives = recipe.vendor.flatMap((one) => ('deb' in one ? [] : [one]))
  if (archives.length > 0) {
    const work = async (bench: Workbench): Promise<void> => {
      for (const one of archives) {
        onProgress({ step: 'vendor', detail: one.name })
        await unpackVendor(bench, one, localFile(loaded, 'tarball' in one ? one.tarball : one.appimage))
      }
    }
    const layer = await makeLayer(context, treesOf(context, layers), epochSeconds, run.signal, work)
    layers.push(layerOf(layer, 'vendor software'))
  }
  const files = [...accountFiles(context, loaded, layers), ...recipeFiles(loaded)]
  if (files.length > 0) {
    onProgress({ step: 'files' })
    const lowers = treesOf(context, layers)
    const layer = await makeLayer(context, lowers, epochSeconds, run.signal, (bench) =>
      addFiles(bench, files),
    )
    layers.push(layerOf(layer, 'files of the recipe'))
  }
  return layers
}

async function debFiles(
  context: ImageContext,
  loaded: LoadedRecipe,
  { sources }: BuildBase,
  { onProgress, signal }: BuildRun,
): Promise<string[]> {
  const debs = loaded.recipe.vendor.flatMap((one) => ('deb' in one ? [one.deb] : []))
  const files: string[] = []
  for (const deb of debs)
    files.push(
      typeof deb === 'string'
        ? localFile(loaded, deb)
        : await fetchFile(context, deb, sources[0]?.url, { onProgress, signal }),
    )
  return files
}

async function aptLayer(
  context: ImageContext,
  lowers: readonly string[],
  install: Omit<AptInstall, 'folder'> & { readonly preferences: string },
  signal: AbortSignal | undefined,
): Promise<StoredLayer> {
  if (install.sources.length === 0) throw noSources()
  const root = temporaryPath(context.places, 'apt')
  try {
    const folder = makeAptFolder(root, install.sources, install.preferences)
    install.onProgress({ step: 'packages', detail: 'fetching the lists of packages' })
    await updateLists(folder, install.sources, signal)
    return await makeLayer(context, lowers, install.epochSeconds, signal, async (bench) => {
      await installPackages(bench, { ...install, folder })
      install.onProgress({ step: 'layer', detail: 'packing what was installed' })
    })
  } finally {
    await discardTree(context, root)
  }
}

const isRemote = ({ url }: AptSource): boolean => /^https?:/.test(url)

function notBuilt(name: string): GloveboxError {
  return new GloveboxError({
    code: 'OFFLINE_NOT_BUILT',
    audience: 'image',
    message: `Cannot build ${name} offline: it is not built yet as the recipe says now, and its packages come from a mirror.`,
    remedy: 'Build once without --offline.',
  })
}

function noSources(): GloveboxError {
  return new GloveboxError({
    code: 'RECIPE_NO_SOURCES',
    audience: 'usage',
    message: 'Cannot install packages: it is not known where the packages of this base come from.',
    remedy: 'Stand on a debian base, or on a recipe that does.',
  })
}

/** Unpacked trees, top first. */
export function treesOf(context: ImageContext, layers: readonly ImageLayer[]): string[] {
  return layers.map((layer) => join(treeFolder(context.places, layer.diffId), 'root')).reverse()
}

function accountFiles(context: ImageContext, loaded: LoadedRecipe, layers: readonly ImageLayer[]): NewFile[] {
  const { user } = loaded.recipe
  if (user === undefined) return []
  const records = layers.map((layer) => readTreeRecord(context.places, layer.diffId))
  const before = {
    passwd: records.findLast((one) => one?.passwd !== undefined)?.passwd ?? '',
    group: records.findLast((one) => one?.group !== undefined)?.group ?? '',
  }
  const after = withAccount(before, user)
  const changed = (['passwd', 'group'] as const).filter((name) => after[name] !== before[name])
  return [
    ...changed.map((name) => ({
      path: `etc/${name}`,
      from: { content: after[name] },
      mode: 0o644,
      uid: 0,
      gid: 0,
    })),
    { path: user.home.slice(1), from: 'folder', mode: 0o700, uid: user.uid, gid: user.uid },
  ]
}

function recipeFiles(loaded: LoadedRecipe): NewFile[] {
  return loaded.recipe.files.map(({ path, from, mode, owner }) => ({
    path: path.slice(1),
    from: 'source' in from ? { source: enclosedFile(loaded, from.source) } : from,
    mode,
    ...owner,
  }))
}

import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { adoptLayout } from './adopt.ts'
import { nameWithDocuments } from './documents.ts'
import { layerOf } from './image-layer.ts'
import { architectureOf, writeImage } from './image-write.ts'
import { withArchive } from './import-tar.ts'
import type { Imported, ImportOptions } from './import-types.ts'
import { storeLayer } from './layer-write.ts'
import { corrupt, temporaryPath } from './layout.ts'
import { withLease } from './lock.ts'
import { checkImageName } from './manage.ts'
import { spawnSkopeo } from './skopeo.ts'
import type { ImageContext } from './unpack.ts'

/** Sources that skopeo reads; a plain path or `tar:PATH` is a root filesystem. */
const TRANSPORTS = ['docker', 'oci', 'oci-archive', 'docker-archive', 'dir'] as const

/**
 * Brings an image into the store: `docker://REF`, `oci:DIR[:TAG]`, `oci-archive:FILE`, `docker-archive:FILE`, or a root
 * filesystem as `tar:FILE`. Nothing of a refused image stays.
 *
 * @throws GloveboxError IMPORT_SOURCE, IMPORT_FAILED with skopeo's words, IMAGE_INVALID, ARCHIVE_*
 */
export async function importImage(
  context: ImageContext,
  source: string,
  options: ImportOptions,
): Promise<Imported> {
  checkImageName(options.name)
  return withLease(context.places, () => importSource(context, source, options))
}

function importSource(context: ImageContext, source: string, options: ImportOptions): Promise<Imported> {
  const transport = TRANSPORTS.find((one) => source.startsWith(`${one}:`))
  if (transport !== undefined) return importBySkopeo(context, absolute(transport, source), options)
  const path = source.startsWith('tar:') ? source.slice('tar:'.length) : source
  if (source.startsWith('tar:') || /\.(tar|tgz|txz|tar\.(gz|zst|xz))$/.test(path))
    return importTar(context, resolve(path), options)
  throw new GloveboxError({
    code: 'IMPORT_SOURCE',
    audience: 'usage',
    message: `Cannot import ${JSON.stringify(source.slice(0, 200))}: it does not say what it is.`,
    remedy: 'Write docker://NAME, oci:FOLDER, oci-archive:FILE, docker-archive:FILE or tar:FILE.',
  })
}

/** So an image in OCI form keeps its digest. */
const KEEP_LAYERS = '--dest-oci-accept-uncompressed-layers'

/** skopeo runs elsewhere; a relative path means the caller's folder. */
function absolute(transport: string, source: string): string {
  const rest = source.slice(transport.length + 1)
  return transport === 'docker' || isAbsolute(rest) ? source : `${transport}:${resolve(rest)}`
}

async function importBySkopeo(
  context: ImageContext,
  source: string,
  options: ImportOptions,
): Promise<Imported> {
  const folder = temporaryPath(context.places, 'import')
  mkdirSync(folder, { mode: 0o700 })
  try {
    options.onProgress?.({ step: 'fetching', detail: source })
    const { exitCode, stderr } = await spawnSkopeo(
      [
        ...['--tmpdir', folder, '--override-os=linux'],
        `--override-arch=${architectureOf(process.arch)}`,
        /* Without a policy of the host's, skopeo would refuse all: signatures are then nobody's wish. */
        ...(existsSync('/etc/containers/policy.json') ? [] : ['--insecure-policy']),
        ...['copy', KEEP_LAYERS, '--', source, `oci:${folder}/layout:image`],
      ],
      folder,
      options.signal === undefined ? {} : { signal: options.signal },
    )
    if (exitCode !== 0) throw importFailed(source, stderr)
    return await adoptLayout(context, join(folder, 'layout'), options)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function importFailed(source: string, stderr: string): GloveboxError {
  const said =
    /msg="((?:[^"\\]|\\.)*)"/.exec(stderr)?.[1]?.replace(/\\(.)/g, '$1') ??
    stderr.trim().split('\n').at(-1) ??
    ''
  return new GloveboxError({
    code: 'IMPORT_FAILED',
    audience: 'image',
    message: `Cannot import ${source}: ${said.slice(0, 500).replace(/\.$/, '') || 'skopeo said nothing'}.`,
    remedy: 'See that the name or file is right, and that the registry can be reached.',
  })
}

/** A root filesystem becomes an image of one layer. */
async function importTar(context: ImageContext, path: string, options: ImportOptions): Promise<Imported> {
  options.onProgress?.({ step: 'unpacking', detail: path, total: sizeOf(path) })
  const stored = await withArchive(path, context.limits, (archive) =>
    storeLayer(context, archive, {
      limits: context.limits,
      privileged: options.stripPrivileged === true ? 'strip' : 'refuse',
      direction: 'whole',
    }),
  )
  const image = writeImage(context.places, {
    layers: [layerOf(stored, 'imported from a root filesystem archive')],
    config: { Cmd: ['/bin/sh'] },
    annotations: {},
    createdSeconds: 0,
  })
  await nameWithDocuments(context, image, options.name, options.signal)
  return { digest: image.digest, stripped: stored.result.stripped }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch (error) {
    throw corrupt(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
}

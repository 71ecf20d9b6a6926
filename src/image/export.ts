import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import {
  type Descriptor,
  REF_NAME,
  type StorePlaces,
  temporaryPath,
  writeIndex,
  writePlain,
} from './layout.ts'
import { findImage } from './resolve.ts'
import { spawnSkopeo } from './skopeo.ts'
import type { ImageContext } from './unpack.ts'

/**
 * Writes an image to `oci:DIR[:TAG]`, `oci-archive:FILE[:TAG]` or `docker-archive:FILE[:TAG]`. In the OCI forms it
 * keeps its digest. Its lock file and bill of materials do not go along, as a layout that lists more than the one
 * image cannot be read without naming it (skopeo(1): "more than one image in oci"); an import makes them again.
 *
 * @throws GloveboxError EXPORT_FAILED with skopeo's words
 */
export async function exportImage(context: ImageContext, ref: string, destination: string): Promise<void> {
  if (!/^(oci|oci-archive|docker-archive|dir):./.test(destination))
    throw new GloveboxError({
      code: 'EXPORT_DESTINATION',
      audience: 'usage',
      message: `Cannot export to ${JSON.stringify(destination.slice(0, 200))}: it does not say in which form.`,
      remedy: 'Write oci:FOLDER, oci-archive:FILE or docker-archive:FILE:NAME.',
    })
  const layout = temporaryPath(context.places, 'export')
  try {
    writeLayout(context.places, layout, findImage(context.places, ref))
    const flags = destination.startsWith('docker-archive:') ? [] : ['--preserve-digests']
    const words = ['copy', ...flags, '--', `oci:${layout}:image`, destination]
    const { exitCode, stderr } = await spawnSkopeo(words, layout)
    if (exitCode !== 0) throw exportFailed(ref, destination, stderr)
  } finally {
    rmSync(layout, { recursive: true, force: true })
  }
}

/** A layout of this one image, whatever its name; the blobs are the store's. */
function writeLayout(places: StorePlaces, folder: string, image: Descriptor): void {
  mkdirSync(folder, { mode: 0o700 })
  symlinkSync(join(places.oci, 'blobs'), join(folder, 'blobs'))
  writePlain(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  const named = { ...image, annotations: { [REF_NAME]: 'image' } }
  writeIndex({ ...places, oci: folder }, { schemaVersion: 2, manifests: [named], referrers: [] })
}

function exportFailed(ref: string, destination: string, stderr: string): GloveboxError {
  return new GloveboxError({
    code: 'EXPORT_FAILED',
    audience: 'image',
    message: `Cannot export ${ref} to ${destination}: ${/msg="((?:[^"\\]|\\.)*)"/.exec(stderr)?.[1] ?? stderr.trim().slice(0, 500)}.`,
    remedy: 'See that the folder exists and that there is room.',
  })
}

import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { spawnTool } from '../host/spawn.ts'
import { fileDigest } from './build-cache.ts'
import { makeOnce } from './make-once.ts'
import { APT_HELPER } from './mirror-state.ts'
import type { RemoteFile } from './recipe-types.ts'
import { lastWords } from './tool-output.ts'
import type { OnProgress } from './types.ts'
import type { ImageContext } from './unpack.ts'

export interface FetchOptions {
  readonly onProgress: OnProgress | undefined
  readonly signal: AbortSignal | undefined
}

/**
 * A file that a recipe pins: fetched once by apt's own downloader, so that the host's proxy settings hold, and kept
 * under its digest.
 *
 * @param mirror what a path of a pool is below of
 * @returns path of a file that is what the recipe says
 * @throws GloveboxError DOWNLOAD_FAILED, DOWNLOAD_DIFFERS, RECIPE_NO_SOURCES
 */
export async function fetchFile(
  context: ImageContext,
  file: RemoteFile,
  mirror: string | undefined,
  { onProgress, signal }: FetchOptions,
): Promise<string> {
  const url = urlOf(file, mirror)
  return makeOnce(context, {
    path: join(context.places.downloads, `${file.sha256}.deb`),
    what: `fetch ${url}`,
    mode: 0o644,
    signal,
    make: async (folder) => {
      const path = join(folder, 'file')
      onProgress?.({ step: 'download', detail: url.slice(url.lastIndexOf('/') + 1) })
      const words = [
        '-oAcquire::Retries=2',
        '-oAcquire::http::Timeout=20',
        'download-file',
        url,
        path,
      ] as const
      const { exitCode, stderr } = await spawnTool(
        [APT_HELPER, ...words],
        signal === undefined ? {} : { signal },
      )
      if (exitCode !== 0) throw failed(url, lastWords(stderr.split('\n')))
      const sha256 = await fileDigest(path)
      if (sha256 !== file.sha256) throw differs(url, file.sha256, sha256)
      return path
    },
  })
}

function urlOf(file: RemoteFile, mirror: string | undefined): string {
  if ('url' in file) return file.url
  /* apt's own method for `file:` makes a link to it, that for `copy:` a file. */
  if (mirror !== undefined)
    return `${mirror.replace(/^file:/, 'copy:').replace(/\/+$/, '')}/pool/${file.pool}`
  throw new GloveboxError({
    code: 'RECIPE_NO_SOURCES',
    audience: 'usage',
    message: `Cannot fetch ${file.pool}: it is not known which mirror the packages of this base come from.`,
    remedy: 'Name it by url, or stand on a debian base, or on a recipe that does.',
  })
}

function failed(url: string, why: string): GloveboxError {
  return new GloveboxError({
    code: 'DOWNLOAD_FAILED',
    audience: 'host',
    message: `Cannot fetch ${url}: ${why}.`,
    remedy: 'Check the network and the proxy settings of apt, and whether the file is still there.',
    details: { url },
  })
}

function differs(url: string, wanted: string, found: string): GloveboxError {
  return new GloveboxError({
    code: 'DOWNLOAD_DIFFERS',
    audience: 'image',
    message: `Cannot use ${url}: its sha256 is ${found}, and the recipe wants ${wanted}.`,
    remedy: 'Find out why it changed. Only if it is meant to be this file, write its sha256 into the recipe.',
    details: { url, wanted, found },
  })
}

import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { GloveboxError } from '../errors.ts'
import type { BoxRequest, NetworkPlan } from '../plan/types.ts'
import type { NetworkPolicy } from '../policy/network-types.ts'

/* Files of the user's that a box's network is written to from outside of the box: --flows and --capture. */

type Watched = Pick<NetworkPlan, 'flows' | 'capture'>

/** @throws GloveboxError NOTHING_TO_WATCH for a box without a network, SAME_FILE_TWICE */
export function checkWatched({ flows, capture }: BoxRequest, network: NetworkPolicy): void {
  const option = flows !== undefined ? '--flows' : '--capture'
  if (network === 'none' && (flows !== undefined || capture !== undefined))
    throw usage(
      'NOTHING_TO_WATCH',
      `Cannot use ${option}: the box has no network.`,
      `Give it one, as with --network internet, or leave ${option} away.`,
    )
  if (flows !== undefined && capture !== undefined && resolve(flows) === resolve(capture))
    throw usage(
      'SAME_FILE_TWICE',
      `Cannot write both --flows and --capture to ${flows}: they are of two forms.`,
      'Name two files.',
    )
}

/** By their whole paths, as the launch is another process. */
export function watchedFiles({ flows, capture }: BoxRequest): Watched {
  return {
    ...(flows === undefined ? {} : { flows: resolve(flows) }),
    ...(capture === undefined ? {} : { capture: resolve(capture) }),
  }
}

const FLAGS =
  constants.O_WRONLY |
  constants.O_APPEND |
  constants.O_CREAT |
  constants.O_NOFOLLOW |
  constants.O_NONBLOCK |
  constants.O_NOCTTY

/**
 * Makes the files that are not there, for words that say what is wrong before anything starts; the holder opens them again, by the
 * same rules (native/options.c).
 *
 * @throws GloveboxError FILE_UNWRITABLE: a folder, a link, a device, or not the user's to write
 */
export function makeWatched(network: Watched | undefined): void {
  for (const path of [network?.flows, network?.capture]) if (path !== undefined) makeFile(path)
}

function makeFile(path: string): void {
  let fd: number
  try {
    fd = openSync(path, FLAGS, 0o600)
  } catch (error) {
    throw unwritable(path, WORDS[(error as NodeJS.ErrnoException).code ?? ''] ?? String(error), error)
  }
  try {
    if (!fstatSync(fd).isFile()) throw unwritable(path, 'it is no file')
  } finally {
    closeSync(fd)
  }
}

const WORDS: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  ELOOP: 'it is a symbolic link',
  EACCES: 'you may not write there',
  EROFS: 'you may not write there',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  ENXIO: 'it is no file',
}

function unwritable(path: string, why: string, cause?: unknown): GloveboxError {
  return new GloveboxError({
    code: 'FILE_UNWRITABLE',
    audience: 'usage',
    message: `Cannot write what the box's network does to ${path}: ${why}.`,
    remedy: 'Name a file in a folder of yours.',
    ...(cause === undefined ? {} : { cause }),
  })
}

const usage = (code: string, message: string, remedy: string): GloveboxError =>
  new GloveboxError({ code, audience: 'usage', message, remedy })

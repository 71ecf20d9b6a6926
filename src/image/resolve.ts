import { readFileSync } from 'node:fs'
import { GloveboxError } from '../errors.ts'
import { type Descriptor, hexOf, REF_NAME, readIndex, readStored, type StorePlaces } from './layout.ts'
import { imageConfig, parseConfig, parseManifest } from './manifest.ts'
import type { Accounts, Digest, ImageConfig, ResolvedImage } from './types.ts'

/** `tree.json` of an unpacked layer: written last, so its presence says that the tree is whole. */
export interface TreeRecord {
  readonly version: 1
  readonly diffId: Digest
  /** First subordinate uid and gid that it was unpacked under; another map needs another tree. */
  readonly owner: readonly [uid: number, gid: number]
  readonly entries: number
  readonly bytes: number
  /** Contents of the layer's own /etc/passwd and /etc/group, where it has them. */
  readonly passwd?: string
  readonly group?: string
  /** How many of its files gave privileges and lost them. */
  readonly stripped?: number
}

export const treeFolder = (places: StorePlaces, diffId: Digest): string => `${places.trees}/${hexOf(diffId)}`

export function readTreeRecord(places: StorePlaces, diffId: Digest): TreeRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(`${treeFolder(places, diffId)}/tree.json`, 'utf8')) as TreeRecord
    return record.version === 1 ? record : undefined
  } catch {
    return undefined
  }
}

/**
 * Finds the descriptor of an image by name, digest or the beginning of its digest.
 *
 * @throws GloveboxError IMAGE_NOT_FOUND
 */
export function findImage(places: StorePlaces, ref: string): Descriptor {
  const { manifests } = readIndex(places)
  const named = manifests.find((one) => one.annotations?.[REF_NAME] === ref)
  const byDigest =
    named ??
    (/^(sha256:)?[0-9a-f]{6,64}$/.test(ref)
      ? manifests.find((one) => hexOf(one.digest).startsWith(ref.replace('sha256:', '')))
      : undefined)
  if (byDigest !== undefined) return byDigest
  throw new GloveboxError({
    code: 'IMAGE_NOT_FOUND',
    audience: 'image',
    message: `There is no image "${ref}" in the store.`,
    remedy: `List the images with: glovebox image list   or build it with: glovebox image build ${ref}`,
    details: { ref },
  })
}

/**
 * What an image says of its boxes, without a look at its layers.
 *
 * @throws GloveboxError IMAGE_NOT_FOUND, IMAGE_INVALID
 */
export function readImageConfig(places: StorePlaces, ref: string): ImageConfig {
  const manifest = parseManifest(readStored(places, findImage(places, ref).digest))
  return imageConfig(parseConfig(readStored(places, manifest.config.digest)))
}

/**
 * All that starting a box of an image needs, by a few small reads: this is on the way of every start.
 *
 * @throws GloveboxError IMAGE_NOT_FOUND, IMAGE_INVALID, IMAGE_NOT_UNPACKED
 */
export function resolveImage(places: StorePlaces, ref: string, owner: TreeRecord['owner']): ResolvedImage {
  const { digest } = findImage(places, ref)
  const manifest = parseManifest(readStored(places, digest))
  const config = parseConfig(readStored(places, manifest.config.digest))
  const records = config.diffIds.map((diffId) => {
    const record = readTreeRecord(places, diffId)
    if (record === undefined || record.owner[0] !== owner[0] || record.owner[1] !== owner[1])
      throw new GloveboxError({
        code: 'IMAGE_NOT_UNPACKED',
        audience: 'image',
        message: `The image "${ref}" is in the store but not unpacked for this user's subordinate ids.`,
        remedy: `Unpack it with: glovebox image verify --repair ${ref}`,
      })
    return record
  })
  return {
    ref,
    digest,
    trees: config.diffIds.map((diffId) => `${treeFolder(places, diffId)}/root`).reverse(),
    config: imageConfig(config),
    accounts: accountsOf(records),
  }
}

/** The uppermost layer that has the file decides, as overlayfs has it. */
export function accountsOf(records: readonly TreeRecord[]): Accounts {
  const passwd = records.findLast((one) => one.passwd !== undefined)?.passwd ?? ''
  const group = records.findLast((one) => one.group !== undefined)?.group ?? ''
  return {
    users: rows(passwd, 7).map(([name = '', , uid, gid, , home = '', shell = '']) => ({
      name,
      uid: Number(uid),
      gid: Number(gid),
      home,
      shell,
    })),
    groups: rows(group, 4).map(([name = '', , gid, members = '']) => ({
      name,
      gid: Number(gid),
      members: members.split(',').filter(Boolean),
    })),
  }
}

/** passwd(5) and group(5); lines that do not have their form are left out. */
function rows(text: string, fields: number): string[][] {
  return text
    .split('\n')
    .map((line) => line.split(':'))
    .filter(
      (row) =>
        row.length === fields &&
        /^\d{1,9}$/.test(row[2] ?? '') &&
        (fields === 4 || /^\d{1,9}$/.test(row[3] ?? '')),
    )
}

import { createReadStream, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crypto, streamPromises } from '../host/lazy.ts'
import { outputOf } from './image-file.ts'
import { corrupt, digestOf, hexOf, isDigest } from './layout.ts'
import { withFileLock } from './lock.ts'
import { makeOnce } from './make-once.ts'
import type { Digest, ResolvedImage } from './types.ts'
import type { ImageContext } from './unpack.ts'

/** A program of the tools image as a file of its own. */
export interface TakenProgram {
  /** On the host. */
  readonly path: string
  /** Of its content. */
  readonly digest: Digest
}

/**
 * What was taken out and is still what it was. `stamp` changes with whatever is done to the file, so `verify` is called
 * only where that has happened, or where nobody has looked yet.
 */
export type RememberVerified = (
  digest: Digest,
  stamp: string,
  verify: () => Promise<boolean>,
) => Promise<boolean>

/**
 * Takes a static program out of the tools image, to run it where the image is not: an OCI runtime makes the box from
 * outside of it. The tree was checked against the image's digest when it was unpacked; the file is checked against
 * what was read of the tree, and taken anew where it is another.
 *
 * @param program its path in the image
 * @throws GloveboxError IMAGE_INVALID, STORE_BUSY
 */
export async function takeProgram(
  context: ImageContext,
  tools: ResolvedImage,
  program: string,
  remember: RememberVerified,
  signal?: AbortSignal,
): Promise<TakenProgram> {
  const taken = await take(context, tools, program, signal)
  if (await isSound(taken, remember)) return taken
  const wait = { waitMs: MEND_MS, askEveryMs: 50, what: `take ${program} out anew`, signal }
  return withFileLock(`${taken.path}.mending.lock`, wait, async () => {
    if (!(await isSound(taken, remember)))
      for (const path of [taken.path, digestFile(taken.path)]) rmSync(path, { force: true })
    const again = await take(context, tools, program, signal)
    if (await isSound(again, remember)) return again
    throw corrupt(`${program} cannot be taken out of it: what was written is not what was read`)
  })
}

/** Two reads of 30 MB, on a slow disk. */
const MEND_MS = 2 * 60 * 1000

const digestFile = (path: string): string => `${path}.digest`

async function take(
  context: ImageContext,
  tools: ResolvedImage,
  program: string,
  signal: AbortSignal | undefined,
): Promise<TakenProgram> {
  const name = program.slice(program.lastIndexOf('/') + 1)
  const path = join(context.places.runtimes, `${hexOf(tools.digest)}-${name}`)
  const read = async (): Promise<Buffer> => {
    const bytes = await outputOf(context, tools, ['/bin/cat', program], signal)
    if (!isStaticProgram(bytes)) throw corrupt(`${program} in it is no static program of this machine`)
    return bytes
  }
  const made = { what: `take ${name} out of the tools image`, sealed: true, signal } as const
  const write = (bytes: () => Promise<string | Buffer>) => async (folder: string) => {
    writeFileSync(join(folder, 'made'), await bytes())
    return join(folder, 'made')
  }
  const digest = await makeOnce(context, {
    ...{ ...made, path: digestFile(path), mode: 0o444 },
    make: write(async () => digestOf(await read())),
  })
  await makeOnce(context, { ...made, path, mode: 0o555, make: write(read) })
  return { path, digest: readDigest(digest) }
}

function readDigest(path: string): Digest {
  const text = readFileSync(path, 'utf8')
  /* One that no file has: then both are made anew. */
  return isDigest(text) ? text : digestOf(text)
}

async function isSound({ path, digest }: TakenProgram, remember: RememberVerified): Promise<boolean> {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return false
  const { ino, size, mtimeNs, ctimeNs } = stats
  return remember(digest, [ino, size, mtimeNs, ctimeNs].join('-'), async () => {
    const hash = crypto().createHash('sha256')
    await streamPromises().pipeline(createReadStream(path), hash)
    return `sha256:${hash.digest('hex')}` === digest
  })
}

const [ELF_64, MACHINES] = [2, { x64: 62, arm64: 183 } as Readonly<Record<string, number>>]
const [PROGRAM_HEADER_BYTES, INTERPRETER] = [56, 3]

/** An ELF program of this machine (elf(5)) that names no interpreter, so needs no library of the host's. */
export function isStaticProgram(bytes: Buffer): boolean {
  if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== ELF_64) return false
  if (bytes.readUInt16LE(18) !== MACHINES[process.arch]) return false
  const [from, each, count] = [bytes.readBigUInt64LE(32), bytes.readUInt16LE(54), bytes.readUInt16LE(56)]
  if (each !== PROGRAM_HEADER_BYTES || from > bytes.length || Number(from) + each * count > bytes.length)
    return false
  return Array.from({ length: count }, (_one, at) => bytes.readUInt32LE(Number(from) + at * each)).every(
    (type) => type !== INTERPRETER,
  )
}

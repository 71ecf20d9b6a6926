import { extract } from 'tar-stream'
import { corrupt } from './layout.ts'
import { type InstalledPackage, type OsRelease, parseDpkgStatus, parseOsRelease } from './packages.ts'
import { lastWords, linesOf } from './tool-output.ts'
import type { ImageContext } from './unpack.ts'

/** What the software of an image is, as the image says itself. */
export interface Software {
  readonly system: OsRelease | undefined
  readonly packages: readonly InstalledPackage[]
}

const STATUS = 'var/lib/dpkg/status'
/** Images without a package manager ("distroless") keep one file a package. */
const STATUS_FOLDER = 'var/lib/dpkg/status.d'
/** os-release(5): the first that is there; /etc's is mostly a link to the other. */
const OS_RELEASE = ['etc/os-release', 'usr/lib/os-release'] as const

/** Debian's whole archive is described in 60 MB; an image of 10,000 packages in less than this. */
const MOST_BYTES = 16 * 2 ** 20
const MOST_FILES = 20_000
const ROOT = '/box/rootfs'

/**
 * Reads the list of packages as a box of the image would see it, in a job: the image's links lead nowhere but into
 * the image and the job's own empty root.
 *
 * @param trees unpacked layers, top first
 * @returns undefined where the image has no packages of Debian's kind
 * @throws GloveboxError IMAGE_INVALID
 */
export async function readSoftware(
  context: ImageContext,
  trees: readonly string[],
  signal?: AbortSignal,
): Promise<Software | undefined> {
  const files = await readFiles(context, trees, signal)
  const apart = [...files].filter(
    ([path]) => path.startsWith(`${STATUS_FOLDER}/`) && !path.endsWith('.md5sums'),
  )
  const status = files.get(STATUS)
  if (status === undefined && apart.length === 0) return undefined
  const stanzas = apart.map(([, text]) => `${text.trim()}\nStatus: install ok installed`)
  const release = OS_RELEASE.map((path) => files.get(path)).find((text) => text !== undefined)
  return {
    system: release === undefined ? undefined : parseOsRelease(release),
    packages: parseDpkgStatus([status ?? '', ...stanzas].join('\n\n')),
  }
}

async function readFiles(
  context: ImageContext,
  trees: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  const words: string[] = []
  const { exitCode } = await context.runJob(
    {
      ids: context.ids,
      mounts: [],
      overlay: { lowers: trees, upper: { tmpfsBytes: 2 ** 20 } },
      network: 'none',
      argv: ['/bin/tar', '--create', '--file=-', `--directory=${ROOT}`, STATUS, STATUS_FOLDER, ...OS_RELEASE],
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    },
    ['ignore', 'pipe', 'pipe'],
    async ({ stdout, stderr }) => {
      if (stdout === null || stderr === null) return
      await Promise.all([readArchive(stdout, files), linesOf(stderr, (line) => words.push(line))])
    },
    signal,
  )
  signal?.throwIfAborted()
  /* tar(1) goes on past what is missing, and ends with 2; most images have one or two of the four. */
  const serious = words.filter((line) => !/No such file or directory$|due to previous errors$/.test(line))
  if (exitCode !== 0 && (exitCode !== 2 || serious.length > 0))
    throw corrupt(`its list of packages cannot be read: ${lastWords(words)}`)
  return files
}

async function readArchive(input: NodeJS.ReadableStream, files: Map<string, string>): Promise<void> {
  const reader = extract()
  input.once('error', (error) => reader.destroy(error))
  input.pipe(reader)
  let bytes = 0
  for await (const entry of reader) {
    const { name, type, size = 0 } = entry.header
    bytes += size
    if (bytes > MOST_BYTES || files.size > MOST_FILES)
      throw corrupt(`its list of packages is larger than the ${MOST_BYTES} bytes allowed`)
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    if (type === 'file') files.set(name, Buffer.concat(chunks).toString('utf8'))
  }
}

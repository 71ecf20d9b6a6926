import { ROOTFS } from './job-root.ts'
import { corrupt } from './layout.ts'
import { lastWords, linesOf } from './tool-output.ts'
import type { ResolvedImage } from './types.ts'
import type { ImageContext } from './unpack.ts'

/** A kernel with debug symbols, twice over. */
const MOST_BYTES = 256 * 2 ** 20

/**
 * What a program of an image writes, run inside of it as its root, without network, in a job: how files of an image of
 * ours are read, and unpacked by the image's own tools.
 *
 * @param argv the program by its absolute path in the image
 * @throws GloveboxError IMAGE_INVALID where it fails or writes too much
 */
export async function outputOf(
  context: ImageContext,
  image: ResolvedImage,
  argv: readonly string[],
  signal?: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  const words: string[] = []
  const { exitCode } = await context.runJob(
    {
      ids: context.ids,
      mounts: [],
      overlay: { lowers: image.trees, upper: { tmpfsBytes: 2 ** 20 } },
      network: 'none',
      argv: ['/usr/sbin/chroot', ROOTFS, ...argv],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    },
    ['ignore', 'pipe', 'pipe'],
    async ({ stdout, stderr }) => {
      if (stdout === null || stderr === null) return
      let bytes = 0
      const read = async (): Promise<void> => {
        for await (const chunk of stdout as AsyncIterable<Buffer>) {
          bytes += chunk.length
          if (bytes > MOST_BYTES) throw corrupt(`a file of it is larger than the ${MOST_BYTES} bytes allowed`)
          chunks.push(chunk)
        }
      }
      await Promise.all([read(), linesOf(stderr, (line) => words.length < 100 && words.push(line))])
    },
    signal,
  )
  signal?.throwIfAborted()
  if (exitCode !== 0)
    throw corrupt(`${argv.join(' ')} ended with code ${exitCode} in it: ${lastWords(words)}`)
  return Buffer.concat(chunks)
}

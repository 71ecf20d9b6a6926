import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { GloveboxError } from '../errors.ts'

/**
 * The text of a file that the user names, of at most so many bytes.
 *
 * @throws GloveboxError EXAM_FILE_UNREADABLE
 */
export function readBounded(path: string, most: number): string {
  let fd: number | undefined
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) // a pipe would be waited for
    if (!fstatSync(fd).isFile()) throw new Error('it is no file')
    const buffer = Buffer.alloc(Math.min(fstatSync(fd).size, most) + 1)
    let length = 0
    for (let got = 1; got > 0 && length < buffer.length; length += got)
      got = readSync(fd, buffer, length, buffer.length - length, null)
    if (length > most) throw new Error(`it is larger than ${most / 2 ** 20} MiB`)
    return buffer.toString('utf8', 0, length)
  } catch (cause) {
    throw new GloveboxError({
      code: 'EXAM_FILE_UNREADABLE',
      audience: 'usage',
      message: `Cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}.`,
      remedy: 'Name a file that glovebox exam has written.',
      cause,
    })
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

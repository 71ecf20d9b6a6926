import { createReadStream } from 'node:fs'

/** A text of `most` bytes, and one more where there is more: so /dev/zero or a disk image is refused and not read. */
export async function readBounded(path: string, most: number): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of createReadStream(path, { end: most })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

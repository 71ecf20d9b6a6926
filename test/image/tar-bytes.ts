/** One entry as an attacker would write it: nothing is checked here. */
export interface RawEntry {
  readonly name: string
  /** The header's type byte: `0` file, `1` hard link, `2` symlink, `3` and `4` devices, `5` folder, `6` fifo. */
  readonly type?: string
  readonly linkname?: string
  readonly content?: string | Buffer
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly mtime?: number
  readonly device?: readonly [major: number, minor: number]
  /** Records of a pax header before the entry. */
  readonly pax?: Readonly<Record<string, string>>
  /** Raw bytes over the header's own, by offset; the checksum is made after. */
  readonly patch?: Readonly<Record<number, string>>
}

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`

function header(entry: RawEntry, size: number): Buffer {
  const block = Buffer.alloc(512)
  const put = (text: string, at: number, length: number): void => {
    block.write(text, at, length, 'latin1')
  }
  block.write(entry.name, 0, 100, 'utf8')
  put(octal(entry.mode ?? 0o644, 8), 100, 8)
  put(octal(entry.uid ?? 0, 8), 108, 8)
  put(octal(entry.gid ?? 0, 8), 116, 8)
  put(octal(size, 12), 124, 12)
  put(octal(entry.mtime ?? 0, 12), 136, 12)
  put(entry.type ?? '0', 156, 1)
  block.write(entry.linkname ?? '', 157, 100, 'utf8')
  put('ustar\x0000', 257, 8)
  put(octal(entry.device?.[0] ?? 0, 8), 329, 8)
  put(octal(entry.device?.[1] ?? 0, 8), 337, 8)
  for (const [at, bytes] of Object.entries(entry.patch ?? {})) block.write(bytes, Number(at), 'latin1')
  block.fill(' ', 148, 156)
  put(
    octal(
      block.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
    8,
  )
  return block
}

const padded = (content: Buffer): Buffer[] => [content, Buffer.alloc((512 - (content.length % 512)) % 512)]

/** `LENGTH KEY=VALUE\n`, where the length counts itself (pax(1)). */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  let length = bytes + 1
  while (String(length).length + bytes !== length) length = String(length).length + bytes
  return `${length}${rest}`
}

/** A whole archive; `end: false` leaves out the two empty blocks at its end. */
export function tarBytes(entries: readonly RawEntry[], end = true): Buffer {
  const parts = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content ?? '')
    const own = [header(entry, content.length), ...padded(content)]
    if (entry.pax === undefined) return own
    const records = Buffer.from(
      Object.entries(entry.pax)
        .map(([key, value]) => record(key, value))
        .join(''),
    )
    return [header({ name: 'PaxHeader', type: 'x' }, records.length), ...padded(records), ...own]
  })
  return Buffer.concat([...parts, Buffer.alloc(end ? 1024 : 0)])
}

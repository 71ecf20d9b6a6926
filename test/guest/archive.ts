/** An entry's header as the tests want it, right or wrong: every field may be replaced. */
export interface EntryWords {
  readonly name?: string | Buffer
  readonly type?: string
  readonly data?: string | Buffer
  readonly link?: string
  /** In place of the length of `data`. */
  readonly size?: string
  readonly mode?: string
  readonly mtime?: string
  readonly magic?: string
  readonly prefix?: string
  /** Added to the right checksum. */
  readonly checksumError?: number
}

/** POSIX.1-2008, pax, "ustar Header Block": offset and length of each field. */
const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
} as const

export const END = Buffer.alloc(1024)

const octal = (number: number, digits: number): string => number.toString(8).padStart(digits, '0')

function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}

/** Header and data of one entry. */
export function entry(words: EntryWords): Buffer {
  const data = Buffer.from(words.data ?? '')
  const block = Buffer.alloc(512)
  const put = (field: keyof typeof FIELDS, value: string | Buffer): void => {
    const [offset, length] = FIELDS[field]
    Buffer.from(value as string, 'latin1').copy(block, offset, 0, length)
  }
  put('name', words.name ?? 'file')
  put('mode', words.mode ?? '0000644')
  put('uid', '0000000')
  put('gid', '0000000')
  put('size', words.size ?? octal(data.length, 11))
  put('mtime', words.mtime ?? octal(1_000_000_000, 11))
  put('type', words.type ?? '0')
  put('link', words.link ?? '')
  put('magic', words.magic ?? 'ustar\u000000')
  put('prefix', words.prefix ?? '')
  put('checksum', '        ')
  const sum = block.reduce((total, byte) => total + byte, 0) + (words.checksumError ?? 0)
  put('checksum', `${octal(sum, 6)}\u0000 `)
  return Buffer.concat([block, padded(data)])
}

/** One pax record, which counts itself. */
export function record(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')])
  let length = rest.length
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

/** A pax header: it speaks of the entry behind it. */
export function extended(...records: readonly (Buffer | string)[]): Buffer {
  return entry({
    name: 'pax',
    type: 'x',
    data: Buffer.concat(records.map((text) => Buffer.from(text as string))),
  })
}

export function archive(...entries: readonly Buffer[]): Buffer {
  return Buffer.concat([...entries, END])
}

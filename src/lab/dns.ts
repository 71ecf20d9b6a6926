/** The few parts of the DNS' wire form that an authority and a client need: for the test LAN and the tests, no part of a box. */

export const TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  SVCB: 64,
  HTTPS: 65,
} as const
export type TypeName = keyof typeof TYPES

export interface Entry {
  readonly name: string
  readonly type: TypeName
  readonly ttl: number
  /** An address, a name, or the bytes themselves in hex. */
  readonly data: string
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255])
const u32 = (value: number): Buffer => Buffer.concat([u16(value >>> 16), u16(value & 0xffff)])

export function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '')
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')])),
    u16(0).subarray(0, 1),
  ])
}

function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail] = address.split('::')
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((g) => Number.parseInt(g, 16))
  const [first, last] = [groups(head), tail === undefined ? [] : groups(tail)]
  const zeros = Array<number>(8 - first.length - last.length).fill(0)
  return Buffer.concat([...first, ...zeros, ...last].map(u16))
}

function entryData(entry: Entry): Buffer {
  if (entry.type === 'A' || entry.type === 'AAAA') return addressBytes(entry.data)
  if (entry.type === 'CNAME' || entry.type === 'PTR' || entry.type === 'NS') return nameBytes(entry.data)
  return Buffer.from(entry.data, 'hex')
}

export function entryBytes(entry: Entry): Buffer {
  const data = entryData(entry)
  return Buffer.concat([
    ...[nameBytes(entry.name), u16(TYPES[entry.type]), u16(1), u32(entry.ttl)],
    ...[u16(data.length), data],
  ])
}

export interface Parsed {
  readonly id: number
  readonly flags: number
  readonly name: string
  readonly type: number
  readonly counts: readonly [number, number, number, number]
  /** Where the question ends. */
  readonly end: number
}

/** Of a message with one uncompressed question. */
export function parseQuestion(message: Buffer): Parsed {
  const labels: string[] = []
  let at = 12
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.subarray(at + 1, at + 1 + length).toString('latin1'))
    at += length + 1
  }
  const count = (index: number): number => message.readUInt16BE(4 + 2 * index)
  return {
    id: message.readUInt16BE(0),
    flags: message.readUInt16BE(2),
    name: labels.join('.'),
    type: message.readUInt16BE(at + 1),
    counts: [count(0), count(1), count(2), count(3)],
    end: at + 5,
  }
}

export function questionBytes(id: number, name: string, type: number, options: Buffer | undefined): Buffer {
  const header = Buffer.concat([
    ...[u16(id), u16(0x0100), u16(1), u16(0), u16(0)],
    u16(options === undefined ? 0 : 1),
  ])
  const opt =
    options === undefined
      ? Buffer.alloc(0)
      : Buffer.concat([Buffer.from([0]), u16(41), u16(1232), u32(0), u16(options.length), options])
  return Buffer.concat([header, nameBytes(name), u16(type), u16(1), opt])
}

/** A reply to `question` with these records in its answer and its authority section. */
export function replyBytes(
  question: Buffer,
  rcode: number,
  answers: readonly Entry[],
  authority: readonly Entry[] = [],
): Buffer {
  const { end } = parseQuestion(question)
  return Buffer.concat([
    ...[question.subarray(0, 2), u16(0x8180 | rcode), u16(1), u16(answers.length), u16(authority.length)],
    ...[u16(0), question.subarray(12, end)],
    ...[...answers, ...authority].map(entryBytes),
  ])
}

export interface AnswerRecord {
  readonly type: number
  readonly ttl: number
  readonly data: string
}
export interface Answer {
  readonly rcode: number
  readonly truncated: boolean
  readonly name: string
  readonly records: readonly AnswerRecord[]
  /** Of the extended error (RFC 8914), where there is one. */
  readonly extended: number | undefined
  readonly bytes: number
}

function dataText(type: number, data: Buffer): string {
  if (type === TYPES.A) return [...data].join('.')
  if (type !== TYPES.CNAME && type !== TYPES.PTR) return data.toString('hex')
  const labels: string[] = []
  for (let at = 0; (data[at] ?? 0) > 0; at += (data[at] ?? 0) + 1)
    labels.push(data.subarray(at + 1, at + 1 + (data[at] ?? 0)).toString('latin1'))
  return labels.join('.')
}

/** Of the resolver, whose records all begin with a pointer of two bytes. */
export function parseAnswer(message: Buffer): Answer {
  const parsed = parseQuestion(message)
  const records: AnswerRecord[] = []
  let at = parsed.end
  for (let i = 0; i < parsed.counts[1]; i++) {
    const length = message.readUInt16BE(at + 10)
    const type = message.readUInt16BE(at + 2)
    const data = dataText(type, message.subarray(at + 12, at + 12 + length))
    records.push({ type, ttl: message.readUInt32BE(at + 6), data })
    at += 12 + length
  }
  const extended =
    parsed.counts[3] === 1 && message.length === at + 17 ? message.readUInt16BE(at + 15) : undefined
  const { flags, name } = parsed
  return {
    ...{ rcode: flags & 15, truncated: (flags & 0x200) !== 0, name },
    ...{ records, extended, bytes: message.length },
  }
}

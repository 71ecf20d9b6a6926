/** The fields of a method call that say whom it is for, after the D-Bus Specification. */
export interface Call {
  readonly serial: number
  readonly path: string
  readonly interface: string
  readonly member: string
  readonly destination: string
  readonly signature: string
  readonly body: Buffer
}

/** No call of the exam is longer, in bytes. */
const MOST = 16 * 1024
const METHOD_CALL = 1
const METHOD_RETURN = 2
/** Header fields by their codes, each with the one type that it may have. */
const FIELDS: Readonly<Record<number, readonly [keyof Call, string]>> = {
  1: ['path', 'o'],
  2: ['interface', 's'],
  3: ['member', 's'],
  6: ['destination', 's'],
  8: ['signature', 'g'],
}

const aligned = (length: number, to: number): number => Math.ceil(length / to) * to

/** How long the message at the beginning is, once that can be told; `broken` where it is none that the exam would send. */
export function messageLength(bytes: Buffer): number | 'broken' | undefined {
  if (bytes.length < 16) return undefined
  if (bytes[0] !== 0x6c || bytes[1] !== METHOD_CALL || bytes[3] !== 1) return 'broken'
  const [body, fields] = [bytes.readUInt32LE(4), bytes.readUInt32LE(12)]
  return body > MOST || fields > MOST ? 'broken' : aligned(16 + fields, 8) + body
}

/** @returns undefined where anything in it is not as the specification says */
export function readCall(message: Buffer): Call | undefined {
  const end = 16 + message.readUInt32LE(12)
  const start = aligned(end, 8)
  const found: Record<string, string> = {}
  for (let at = 16; at < end; ) {
    const field = readField(message, aligned(at, 8), end)
    if (field === undefined || field.name in found) return undefined
    found[field.name] = field.value
    at = field.next
  }
  const { path, member, destination, interface: of, signature = '' } = found
  if (path === undefined || member === undefined || destination === undefined || of === undefined)
    return undefined
  const serial = message.readUInt32LE(8)
  return { serial, path, interface: of, member, destination, signature, body: message.subarray(start) }
}

interface Field {
  readonly name: string
  readonly value: string
  readonly next: number
}

/** (code, variant): the variant is its type's signature, here of one letter, and then the text. */
function readField(message: Buffer, at: number, end: number): Field | undefined {
  const [name, type] = FIELDS[message[at] ?? 0] ?? []
  if (name === undefined || at + 4 > end || message.toString('latin1', at + 1, at + 4) !== `\x01${type}\0`)
    return undefined
  const long = type !== 'g'
  const length = long && at + 8 <= end ? message.readUInt32LE(at + 4) : (message[at + 4] ?? end)
  const first = at + (long ? 8 : 5)
  const next = first + length + 1
  return next <= end && message[next - 1] === 0
    ? { name, value: message.toString('utf8', first, next - 1), next }
    : undefined
}

/** What a method returns: a signature and its bytes. */
export interface Returned {
  readonly signature: string
  readonly body: Buffer
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** A string or object path at a place that is a multiple of 4, filled up to the next. */
const text = (value: string): Buffer => {
  const bytes = Buffer.alloc(aligned(Buffer.byteLength(value) + 1, 4))
  bytes.write(value)
  return Buffer.concat([u32(Buffer.byteLength(value)), bytes])
}

/** `s` or `o` */
export const returnedText = (signature: 's' | 'o', value: string): Returned => ({
  signature,
  body: text(value),
})

/** `v` with a string in it: what a property is. */
export const returnedVariant = (value: string): Returned => ({
  signature: 'v',
  body: Buffer.concat([Buffer.from('\x01s\0\0', 'latin1'), text(value)]),
})

/** `(oayays)`: a secret of the Secret Service, not encrypted. */
export const returnedSecret = (session: string, secret: string): Returned => ({
  signature: '(oayays)',
  body: Buffer.concat([text(session), u32(0), bytesOf(secret), text('text/plain')]),
})

const bytesOf = (value: string): Buffer => {
  const bytes = Buffer.alloc(aligned(value.length, 4))
  bytes.write(value, 'latin1')
  return Buffer.concat([u32(value.length), bytes])
}

/** The answer to a call. */
export function writeReturn(replyTo: number, { signature, body }: Returned): Buffer {
  const serial = Buffer.concat([Buffer.from('\x05\x01u\0', 'latin1'), u32(replyTo)])
  const type = Buffer.from(`\x08\x01g\0${String.fromCharCode(signature.length)}${signature}\0`, 'latin1')
  const fields = Buffer.concat([serial, type])
  const head = Buffer.concat([
    Buffer.from([0x6c, METHOD_RETURN, 1, 1]),
    u32(body.length),
    u32(replyTo),
    u32(fields.length),
  ])
  const padding = Buffer.alloc(aligned(head.length + fields.length, 8) - head.length - fields.length)
  return Buffer.concat([head, fields, padding, body])
}

/* The lines between the exam and its probe program; guest/probe/serve.c has the same words. */

export const HELLO = 'glovebox-probe 1'

/** Bytes of one line; what is longer is dropped, as no honest probe writes it. */
const MOST_LINE = 16 * 1024

const PLAIN = /^[\x21-\x24\x26-\x7e]+$/

/** A word of a request: bytes outside of 0x21 to 0x7e and `%` as %XX. */
export function encodeWord(word: string): string {
  if (word === '') return '%-'
  if (PLAIN.test(word)) return word
  return [...Buffer.from(word)]
    .map((byte) =>
      byte > 0x20 && byte < 0x7f && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).padStart(2, '0')}`,
    )
    .join('')
}

/** What a probe wrote; what is not well written stays as it is, as it is only looked through for a nonce. */
export function decodeText(word: string): string {
  if (word === '%-') return ''
  const bytes = Buffer.from(word, 'latin1')
  const out = Buffer.alloc(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const pair = bytes[at] === 0x25 ? word.slice(at + 1, at + 3) : ''
    const coded = /^[\da-f]{2}$/.test(pair)
    out[length++] = coded ? Number.parseInt(pair, 16) : (bytes[at] as number)
    if (coded) at += 2
  }
  return out.toString('utf8', 0, length)
}

/** Lines of a hostile stream, without an end that must come: bounded, `\r` removed. */
export class LineReader {
  #partial = ''
  #dropping = false
  readonly #take: (line: string) => void

  constructor(take: (line: string) => void) {
    this.#take = take
  }

  push(chunk: Buffer): void {
    const lines = chunk.toString('latin1').split('\n')
    for (const [at, piece] of lines.entries()) {
      if (this.#partial.length + piece.length > MOST_LINE) this.#dropping = true
      else this.#partial += piece
      if (at === lines.length - 1) break
      if (!this.#dropping) this.#take(this.#partial.replaceAll('\r', ''))
      this.#partial = ''
      this.#dropping = false
    }
  }
}

/*
 * SHA-256 (FIPS 180-4) in the language itself. Names of files of the store are digests, and a start computes three of
 * them: loading node:crypto for that takes 16 ms of CPU, as it brings streams and every cipher along. For small inputs
 * that are no secrets; whatever checks what came from elsewhere uses node:crypto.
 */

const BLOCK = 64
const ROUNDS = 64

/** The first 32 bits of the fractions of a root of the first primes (FIPS 180-4, 4.2.2 and 5.3.3). */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const words = new Int32Array(count)
  for (let candidate = 2, found = 0; found < count; candidate++) {
    let isPrime = true
    for (let divisor = 2; divisor * divisor <= candidate; divisor++)
      if (candidate % divisor === 0) isPrime = false
    if (isPrime) words[found++] = ((root(candidate) % 1) * 2 ** 32) | 0
  }
  return words
}

/** The message, a bit, zeros and its length in bits, in whole blocks (FIPS 180-4, 5.1.1). */
function padded(message: Uint8Array): DataView {
  const bytes = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK)
  bytes.set(message)
  bytes[message.length] = 0x80
  const view = new DataView(bytes.buffer)
  view.setUint32(bytes.length - 8, Math.floor(message.length / 2 ** 29))
  view.setUint32(bytes.length - 4, (message.length << 3) >>> 0)
  return view
}

const turned = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

/** @returns 64 lower-case hex digits */
export function sha256(text: string): string {
  const constants = fractions(ROUNDS, Math.cbrt)
  const state = fractions(8, Math.sqrt)
  const blocks = padded(new TextEncoder().encode(text))
  const w = new Int32Array(ROUNDS)
  for (let at = 0; at < blocks.byteLength; at += BLOCK) {
    for (let i = 0; i < ROUNDS; i++) w[i] = i < 16 ? blocks.getInt32(at + 4 * i) : extended(w, i)
    compress(state, w, constants)
  }
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

function extended(w: Int32Array, i: number): number {
  const [before, early] = [w[i - 2] as number, w[i - 15] as number]
  const s0 = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)
  const s1 = turned(before, 17) ^ turned(before, 19) ^ (before >>> 10)
  return (w[i - 16] as number) + s0 + (w[i - 7] as number) + s1
}

function compress(state: Int32Array, w: Int32Array, constants: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let i = 0; i < ROUNDS; i++) {
    const s1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
    const first = (h + s1 + ((e & f) ^ (~e & g)) + (constants[i] as number) + (w[i] as number)) | 0
    const s0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0]
  }
  const added = [a, b, c, d, e, f, g, h]
  for (let i = 0; i < 8; i++) state[i] = (state[i] as number) + (added[i] as number)
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeText, encodeWord, LineReader } from '../../src/exam/wire.ts'

const WORDS = ['', 'plain', 'two words', 'a%b', '%-', '-', 'ü\u0000\n\u001b]0;x\u0007', '%41', ' '.repeat(50)]

test('a word comes back as it was, and is one printable word on the way', () => {
  for (const word of WORDS) {
    const encoded = encodeWord(word)
    assert.match(encoded, /^[\x21-\x7e]+$/)
    assert.equal(decodeText(encoded), word)
  }
})

test('text of a hostile program is taken as it is where it is badly written', () => {
  assert.equal(decodeText('%zz%4%'), '%zz%4%')
  assert.equal(decodeText('a%20b%'), 'a b%')
})

test('lines are found whatever pieces they come in, and too long ones are dropped whole', () => {
  const stream = Buffer.from(`one\r\ntwo\n${'x'.repeat(40_000)}\nthree\nrest`)
  for (const size of [1, 2, 7, 4096, stream.length]) {
    const lines: string[] = []
    const reader = new LineReader((line) => lines.push(line))
    for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size))
    assert.deepEqual(lines, ['one', 'two', 'three'], `pieces of ${size}`)
  }
})

test('random bytes neither throw nor keep more than a line', () => {
  let seed = 7
  const next = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return seed >> 8
  }
  for (let round = 0; round < 200; round++) {
    const reader = new LineReader((line) => {
      assert.ok(line.length <= 16 * 1024)
      for (const word of line.split(' ')) decodeText(word)
    })
    for (let piece = 0; piece < 20; piece++)
      reader.push(Buffer.from(Array.from({ length: next() % 4096 }, () => next() & 255)))
  }
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { sha256 } from '../../src/host/sha256.ts'

const byNode = (text: string): string => createHash('sha256').update(text).digest('hex')

test('our SHA-256 is that of node:crypto, at every length around the blocks', () => {
  for (let length = 0; length <= 300; length++) {
    const text = 'a Ω€𝄞\0\n'.repeat(length).slice(0, length).toWellFormed()
    assert.equal(sha256(text), byNode(text), `of ${length} letters`)
  }
  const long = 'x'.repeat(100_000)
  assert.equal(sha256(long), byNode(long))
})

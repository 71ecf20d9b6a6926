import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { after, test } from 'node:test'
import { storeLayer } from '../../src/image/layer-write.ts'
import { blobPath } from '../../src/image/layout.ts'
import { scratchStore } from '../support/scratch-store.ts'
import { tarBytes } from './tar-bytes.ts'

const store = scratchStore()
after(() => store[Symbol.asyncDispose]())

test('a layer of a process that has ended already is whole', async () => {
  const input = new PassThrough()
  input.end(tarBytes([{ name: 'file', content: 'content' }]))
  /* What Node does with a pipe that nobody reads when its process ends (lib/internal/child_process.js, flushStdio). */
  queueMicrotask(() => input.resume())
  const { limits } = store.context
  const stored = await storeLayer(store.context, input, { limits, privileged: 'refuse', direction: 'whole' })
  assert.equal(stored.result.entries, 1)
  assert.match(readFileSync(blobPath(store.context.places, stored.diffId), 'latin1'), /content/)
})

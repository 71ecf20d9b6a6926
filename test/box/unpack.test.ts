import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { type Header, pack } from 'tar-stream'
import { unpackCopy } from '../../src/box/unpack.ts'
import { GloveboxError } from '../../src/errors.ts'

type Entry = Partial<Header> & { readonly name: string; readonly content?: string }

function archive(entries: readonly Entry[]): Readable {
  const writer = pack()
  for (const { content = '', ...header } of entries)
    writer.entry({ type: 'file', ...header } as Header, content)
  writer.finalize()
  return Readable.from(writer)
}

function inFolder(work: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'glovebox-test-'))
    try {
      await work(folder)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

test(
  'a file and a folder come out of a box as they are',
  inFolder(async (folder) => {
    assert.equal(
      await unpackCopy(archive([{ name: 'a', content: 'one' }]), join(folder, 'b')),
      join(folder, 'b'),
    )
    assert.equal(readFileSync(join(folder, 'b'), 'utf8'), 'one')
    await unpackCopy(
      archive([
        { name: 'd', type: 'directory', mode: 0o555 },
        { name: 'd/x', content: 'two' },
        { name: 'd/l', type: 'symlink', linkname: 'x' },
      ]),
      folder,
    )
    assert.equal(readFileSync(join(folder, 'd', 'l'), 'utf8'), 'two')
  }),
)

const HOSTILE: readonly (readonly [string, readonly Entry[]])[] = [
  ['a name that climbs', [{ name: '../evil', content: 'x' }]],
  ['an absolute name', [{ name: '/tmp/evil', content: 'x' }]],
  ['a climb in the middle', [{ name: 'd/../../evil', content: 'x' }]],
  [
    'a second top entry',
    [
      { name: 'a', content: 'x' },
      { name: 'b', content: 'x' },
    ],
  ],
  ['an absolute symbolic link', [{ name: 'a', type: 'symlink', linkname: '/etc/passwd' }]],
  [
    'a symbolic link that climbs',
    [
      { name: 'd', type: 'directory' },
      { name: 'd/l', type: 'symlink', linkname: '../../x' },
    ],
  ],
  [
    'a file below a symbolic link',
    [
      { name: 'd', type: 'directory' },
      { name: 'd/l', type: 'symlink', linkname: '.' },
      { name: 'd/l/x', content: 'x' },
    ],
  ],
  ['a hard link', [{ name: 'a', type: 'link', linkname: 'b' }]],
  ['a device', [{ name: 'a', type: 'character-device', devmajor: 1, devminor: 3 }]],
  ['a fifo', [{ name: 'a', type: 'fifo' }]],
  ['nothing at all', []],
]

for (const [what, entries] of HOSTILE)
  test(
    `a copy with ${what} is refused and writes nothing`,
    inFolder(async (folder) => {
      const place = join(folder, 'place')
      mkdirSync(place)
      await assert.rejects(
        unpackCopy(archive(entries), join(place, 'out')),
        (error) => error instanceof GloveboxError,
      )
      assert.deepEqual(readdirSync(place), [])
      assert.deepEqual(readdirSync(folder), ['place'])
    }),
  )

test(
  'more bytes or files than the bound are refused',
  inFolder(async (folder) => {
    const many = [
      { name: 'd', type: 'directory' as const },
      ...Array.from({ length: 20 }, (_one, at) => ({ name: `d/${at}`, content: 'x' })),
    ]
    await assert.rejects(unpackCopy(archive(many), join(folder, 'out'), { maxBytes: 1000, maxEntries: 10 }), {
      code: 'COPY_REFUSED',
    })
    await assert.rejects(
      unpackCopy(archive([{ name: 'a', content: 'x'.repeat(2000) }]), join(folder, 'out'), {
        maxBytes: 1000,
        maxEntries: 10,
      }),
      { code: 'COPY_REFUSED' },
    )
    assert.deepEqual(readdirSync(folder), [])
  }),
)

test(
  'a symbolic link of the host at the destination is replaced, never followed',
  inFolder(async (folder) => {
    symlinkSync(join(folder, 'victim'), join(folder, 'out'))
    await unpackCopy(archive([{ name: 'a', content: 'new' }]), join(folder, 'out'))
    assert.ok(!existsSync(join(folder, 'victim')))
    assert.equal(readFileSync(join(folder, 'out'), 'utf8'), 'new')
  }),
)

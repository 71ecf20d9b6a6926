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
      await unpackCopy(archive([{ name: 'a', content: 'one' }]), join(folder, 'b'), 'a'),
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
      'd',
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
  [
    'a symbolic link that climbs through another',
    [
      { name: 'd', type: 'directory' },
      { name: 'd/a', type: 'directory' },
      { name: 'd/a/up', type: 'symlink', linkname: '..' },
      { name: 'd/a/out', type: 'symlink', linkname: 'up/../..' },
    ],
  ],
  [
    'a folder in the place of a symbolic link',
    [
      { name: 'd', type: 'directory' },
      { name: 'd/x', type: 'directory' },
      { name: 'd/l', type: 'symlink', linkname: 'x' },
      { name: 'd/l', type: 'directory', mode: 0o777 },
    ],
  ],
  [
    'a symbolic link to the folder beside it',
    [
      { name: 'd', type: 'directory' },
      { name: 'd/l', type: 'symlink', linkname: '..' },
    ],
  ],
  ['a symbolic link as its only entry', [{ name: 'a', type: 'symlink', linkname: '.bashrc' }]],
  [
    'a file that comes twice',
    [
      { name: 'd/a', content: 'x' },
      { name: 'd/a', content: 'x' },
    ],
  ],
  ['too long a name', [{ name: 'a'.repeat(300), content: 'x' }]],
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
        unpackCopy(archive(entries), join(place, 'out'), 'out'),
        (error) => error instanceof GloveboxError,
      )
      assert.deepEqual(readdirSync(place), [])
      assert.deepEqual(readdirSync(folder), ['place'])
    }),
  )

test(
  'the caller says what the copy is called in a folder, whatever the box calls it',
  inFolder(async (folder) => {
    const written = await unpackCopy(archive([{ name: '.bashrc', content: 'evil' }]), folder, 'out.txt')
    assert.equal(written, join(folder, 'out.txt'))
    assert.deepEqual(readdirSync(folder), ['out.txt'])
  }),
)

test(
  'a folder of the user that is in the way stays as it is',
  inFolder(async (folder) => {
    mkdirSync(join(folder, 'out', 'mine'), { recursive: true })
    await assert.rejects(unpackCopy(archive([{ name: 'out', content: 'x' }]), folder, 'out'), {
      code: 'COPY_IN_THE_WAY',
    })
    assert.deepEqual(readdirSync(folder), ['out'])
    assert.deepEqual(readdirSync(join(folder, 'out')), ['mine'])
  }),
)

test(
  'links inside of the copy stay',
  inFolder(async (folder) => {
    const tree: Entry[] = [
      { name: 'd', type: 'directory' },
      { name: 'd/x', content: 'one' },
      { name: 'd/a/b', type: 'directory' },
      { name: 'd/a/b/up', type: 'symlink', linkname: '../../x' },
      { name: 'd/a/b/top', type: 'symlink', linkname: '../..' },
    ]
    await unpackCopy(archive(tree), folder, 'd')
    assert.equal(readFileSync(join(folder, 'd', 'a', 'b', 'up'), 'utf8'), 'one')
    assert.equal(readFileSync(join(folder, 'd', 'a', 'b', 'top', 'x'), 'utf8'), 'one')
  }),
)

test(
  'more bytes or files than the bound are refused',
  inFolder(async (folder) => {
    const many = [
      { name: 'd', type: 'directory' as const },
      ...Array.from({ length: 20 }, (_one, at) => ({ name: `d/${at}`, content: 'x' })),
    ]
    const limits = { maxBytes: 1000, maxEntries: 10, maxAllNamesBytes: 100 }
    const large = [{ name: 'a', content: 'x'.repeat(2000) }]
    const named = [{ name: 'a'.repeat(200), content: 'x' }]
    for (const entries of [many, large, named])
      await assert.rejects(unpackCopy(archive(entries), join(folder, 'out'), 'out', limits), {
        code: 'COPY_REFUSED',
      })
    assert.deepEqual(readdirSync(folder), [])
  }),
)

test(
  'a symbolic link of the host at the destination is replaced, never followed',
  inFolder(async (folder) => {
    symlinkSync(join(folder, 'victim'), join(folder, 'out'))
    await unpackCopy(archive([{ name: 'a', content: 'new' }]), join(folder, 'out'), 'a')
    assert.ok(!existsSync(join(folder, 'victim')))
    assert.equal(readFileSync(join(folder, 'out'), 'utf8'), 'new')
  }),
)

import assert from 'node:assert/strict'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { GloveboxError } from '../../src/errors.ts'
import { filterTar } from '../../src/image/tar-filter.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'
import type { FilterResult, FilterRules, IncomingEntry } from '../../src/image/tar-types.ts'
import { type RawEntry, tarBytes } from './tar-bytes.ts'

const RULES: FilterRules = { limits: ARCHIVE_LIMITS, privileged: 'refuse', direction: 'layer' }

interface Filtered {
  readonly entries: readonly (IncomingEntry & { readonly text: string })[]
  readonly result: FilterResult
}

async function filter(archive: Buffer, rules: Partial<FilterRules> = {}): Promise<Filtered> {
  const { output, result } = filterTar(Readable.from([archive]), { ...RULES, ...rules })
  const reader = extract()
  output.on('error', (error) => reader.destroy(error))
  output.pipe(reader)
  const entries: (IncomingEntry & { text: string })[] = []
  const read = async (): Promise<void> => {
    for await (const entry of reader) {
      const chunks: Buffer[] = []
      for await (const chunk of entry) chunks.push(chunk as Buffer)
      entries.push({ ...(entry.header as IncomingEntry), text: Buffer.concat(chunks).toString() })
    }
  }
  const [done] = await Promise.all([result, read().catch(() => undefined)])
  return { entries, result: done }
}

async function refusal(archive: Buffer, rules: Partial<FilterRules> = {}): Promise<GloveboxError> {
  try {
    await filter(archive, rules)
  } catch (error) {
    assert.ok(error instanceof GloveboxError, String(error))
    assert.equal(error.audience, 'image')
    assert.ok(error.remedy)
    return error
  }
  return assert.fail('the archive was taken')
}

const folder = (name: string): RawEntry => ({ name, type: '5', mode: 0o755 })
const file = (name: string, content = 'x'): RawEntry => ({ name, content })
const link = (name: string, linkname: string): RawEntry => ({ name, type: '2', linkname, mode: 0o777 })
const hard = (name: string, linkname: string): RawEntry => ({ name, type: '1', linkname })
const long = 'n'.repeat(99)

/** Each with the entry that the refusal must name, where one is to blame. */
const hostile: readonly (readonly [
  claim: string,
  code: string,
  entries: readonly RawEntry[],
  entry?: string,
])[] = [
  ['an absolute name', 'ARCHIVE_PATH', [file('/etc/passwd')], '/etc/passwd'],
  ['an absolute name in a pax header', 'ARCHIVE_PATH', [{ ...file('a'), pax: { path: '/etc/x' } }], '/etc/x'],
  ['a name that climbs', 'ARCHIVE_PATH', [file('../x')], '../x'],
  ['a name that climbs in its middle', 'ARCHIVE_PATH', [file('a/../../x')], 'a/../../x'],
  ['a name that ends in ..', 'ARCHIVE_PATH', [folder('a/..')], 'a/..'],
  ['a name with a NUL byte', 'ARCHIVE_PATH', [{ ...file('a'), pax: { path: 'a\0b' } }]],
  ['a name that is too long', 'ARCHIVE_PATH', [{ ...file('a'), pax: { path: `${long}/`.repeat(50) } }]],
  ['a name that is too deep', 'ARCHIVE_PATH', [{ ...file('a'), pax: { path: 'd/'.repeat(300) } }]],
  ['a whiteout of the folder above', 'ARCHIVE_PATH', [file('a/.wh...')], 'a/.wh...'],
  ['a whiteout of a whiteout', 'ARCHIVE_PATH', [file('.wh..wh.x')], '.wh..wh.x'],
  ['a whiteout without a name', 'ARCHIVE_PATH', [file('a/.wh.')], 'a/.wh.'],
  ['a file through an absolute symlink', 'ARCHIVE_LINK', [link('a', '/etc'), file('a/passwd')], 'a/passwd'],
  ['a file through a climbing symlink', 'ARCHIVE_LINK', [link('a', '../..'), file('a/x')], 'a/x'],
  [
    'a file through a chain of symlinks',
    'ARCHIVE_LINK',
    [folder('d'), link('d/a', '.'), link('d/a/b', '/')],
    'd/a/b',
  ],
  ['a folder through a symlink', 'ARCHIVE_LINK', [link('a', '/tmp'), folder('a/b')], 'a/b'],
  ['a name below a file', 'ARCHIVE_LINK', [file('a'), file('a/b')], 'a/b'],
  ['a whiteout through a symlink', 'ARCHIVE_LINK', [link('a', '/etc'), file('a/.wh.passwd')], 'a/passwd'],
  ['an opaque mark on a symlink', 'ARCHIVE_DUPLICATE', [link('a', '/etc'), file('a/.wh..wh..opq')]],
  ['a folder that becomes a symlink', 'ARCHIVE_DUPLICATE', [folder('a'), link('a', '/etc')], 'a'],
  ['a symlink that becomes a folder', 'ARCHIVE_DUPLICATE', [link('a', '/etc'), folder('a')], 'a'],
  ['a file that becomes a symlink', 'ARCHIVE_DUPLICATE', [file('a'), link('a', '/etc/passwd')], 'a'],
  ['a symlink that becomes a file', 'ARCHIVE_DUPLICATE', [link('a', '/etc/passwd'), file('a')], 'a'],
  ['a symlink to nothing', 'ARCHIVE_LINK', [link('a', '')], 'a'],
  ['a hard link to an absolute name', 'ARCHIVE_PATH', [hard('a', '/etc/shadow')], '/etc/shadow'],
  ['a hard link that climbs', 'ARCHIVE_PATH', [hard('a', '../../etc/shadow')], '../../etc/shadow'],
  ['a hard link to what is not there', 'ARCHIVE_LINK', [hard('a', 'etc/shadow')], 'a'],
  ['a hard link to a symlink', 'ARCHIVE_LINK', [link('s', '/etc/shadow'), hard('a', 's')], 'a'],
  ['a hard link through a symlink', 'ARCHIVE_LINK', [link('s', '/etc'), hard('a', 's/shadow')]],
  ['a hard link to a folder', 'ARCHIVE_LINK', [folder('d'), hard('a', 'd')], 'a'],
  ['a hard link to itself', 'ARCHIVE_LINK', [hard('a', 'a')], 'a'],
  ['a block device', 'ARCHIVE_DEVICE', [{ name: 'disk', type: '4', device: [8, 0] }], 'disk'],
  ['a character device', 'ARCHIVE_DEVICE', [{ name: 'mem', type: '3', device: [1, 1] }], 'mem'],
  [
    'a character device that looks like a whiteout',
    'ARCHIVE_DEVICE',
    [{ name: 'w', type: '3', device: [0, 0] }],
    'w',
  ],
  ['a fifo', 'ARCHIVE_DEVICE', [{ name: 'pipe', type: '6' }], 'pipe'],
  ['a set-user-id file', 'ARCHIVE_SETUID', [{ ...file('su'), mode: 0o4755 }], 'su'],
  ['a set-group-id file', 'ARCHIVE_SETUID', [{ ...file('wall'), mode: 0o2755 }], 'wall'],
  [
    'a file capability',
    'ARCHIVE_SETUID',
    [{ ...file('ping'), pax: { 'SCHILY.xattr.security.capability': 'x' } }],
    'ping',
  ],
  ['a sparse file', 'ARCHIVE_KIND', [{ ...file('s'), pax: { 'GNU.sparse.major': '1' } }], 's'],
  ['an old sparse file', 'ARCHIVE_KIND', [{ ...file('s'), type: 'S' }], 's'],
  ['a volume label', 'ARCHIVE_KIND', [{ name: 'v', type: 'V' }], 'v'],
  ['/dev as a symlink', 'ARCHIVE_MOUNT_POINT', [link('dev', '/tmp')], 'dev'],
  ['/proc as a symlink', 'ARCHIVE_MOUNT_POINT', [link('./proc', 'tmp')], 'proc'],
  ['/sys as a symlink', 'ARCHIVE_MOUNT_POINT', [link('sys/', '/')], 'sys'],
  ['/proc as a file', 'ARCHIVE_MOUNT_POINT', [file('proc')], 'proc'],
  ['/dev/pts as a symlink', 'ARCHIVE_MOUNT_POINT', [folder('dev'), link('dev/pts', '/proc')], 'dev/pts'],
  ['/etc as a symlink', 'ARCHIVE_MOUNT_POINT', [link('etc', '/proc/self')], 'etc'],
  ['a hard link as /proc', 'ARCHIVE_MOUNT_POINT', [file('x'), hard('proc', 'x')], 'proc'],
  ['an owner beyond the ids of a box', 'ARCHIVE_ID', [{ ...file('a'), uid: 65536 }], 'a'],
  ['a group beyond the ids of a box', 'ARCHIVE_ID', [{ ...file('a'), gid: 70000 }], 'a'],
  ['an owner below zero', 'ARCHIVE_ID', [{ ...file('a'), patch: { 108: '\xff\0\0\0\0\0\0\x01' } }], 'a'],
  ['an owner that is no number', 'ARCHIVE_ID', [{ ...file('a'), patch: { 108: 'root' } }], 'a'],
  ['a size below zero', 'ARCHIVE_BROKEN', [{ ...file('a'), patch: { 124: '\xff\0\0\0\0\0\0\0\0\0\0\x01' } }]],
  ['a size that is no number', 'ARCHIVE_BROKEN', [{ ...file('a'), patch: { 124: 'x'.repeat(11) } }]],
]
for (const [claim, code, entries, entry] of hostile)
  test(`a hostile archive is refused: ${claim}`, async () => {
    const error = await refusal(tarBytes([folder('.'), ...entries]))
    assert.equal(error.code, code, error.message)
    if (entry !== undefined) assert.equal(error.details['entry'], entry)
    if (entry !== undefined) assert.ok(error.message.includes(JSON.stringify(entry)), error.message)
  })

const sound = tarBytes([folder('etc'), file('etc/motd', 'hello'), file('big', 'b'.repeat(3000))])
const broken: readonly (readonly [claim: string, archive: Buffer])[] = [
  ['cut within a file', sound.subarray(0, 512 * 5)],
  ['cut within a header', sound.subarray(0, 700)],
  ['a flipped bit in a header', Buffer.from(sound.map((byte, at) => (at === 3 ? byte ^ 1 : byte)))],
  ['no archive at all', Buffer.alloc(2048, 'x')],
  ['a packed one that says it is plain', gzipSync(sound)],
  [
    'a pax header larger than any',
    tarBytes([{ name: 'p', type: 'x', content: Buffer.alloc(5 << 20, 'a') }, file('a')]),
  ],
]
for (const [claim, archive] of broken)
  test(`a broken archive is refused: ${claim}`, async () => {
    assert.equal((await refusal(archive)).code, 'ARCHIVE_BROKEN')
  })

const bombs: readonly (readonly [claim: string, limits: Partial<typeof ARCHIVE_LIMITS>])[] = [
  ['entries', { maxEntries: 2 }],
  ['bytes', { maxBytes: 2000 }],
  ['bytes of names', { maxAllNamesBytes: 10 }],
]
for (const [claim, limits] of bombs)
  test(`an archive is refused at the bound on its ${claim}, and taken below it`, async () => {
    assert.equal((await refusal(sound, { limits: { ...ARCHIVE_LIMITS, ...limits } })).code, 'ARCHIVE_BOMB')
    assert.equal((await filter(sound)).entries.length, 3)
  })

test('a size that lies is refused before the bytes are waited for', async () => {
  const input = new PassThrough()
  input.write(tarBytes([{ ...file('a'), patch: { 124: '77777777777\0' } }], false))
  const { result } = filterTar(input, { ...RULES, limits: { ...ARCHIVE_LIMITS, maxBytes: 1 << 30 } })
  await assert.rejects(result, { code: 'ARCHIVE_BOMB' })
})

test('an input that fails is refused, not waited for', async () => {
  const input = new PassThrough()
  const { result } = filterTar(input, RULES)
  input.write(sound.subarray(0, 600))
  input.destroy(new Error('the disk is gone'))
  await assert.rejects(result, /the disk is gone/)
})

test('an ordinary archive comes through with its names, modes, owners, times and contents', async () => {
  const { entries, result } = await filter(
    tarBytes([
      folder('./'),
      file('empty', ''),
      folder('./srv/'),
      { ...folder('tmp'), mode: 0o1777 },
      { ...file('./srv/a', 'content'), mode: 0o640, uid: 33, gid: 34, mtime: 1_000_000 },
      link('srv/s', '../../outside/is/its/own/affair'),
      hard('srv/h', './srv/a'),
      { ...file('short'), pax: { path: `${long}/${long}`, uid: '7' } },
    ]),
  )
  assert.deepEqual(
    entries.map(({ name, type, mode, uid, gid, linkname, text, mtime }) => [
      name,
      type,
      mode,
      uid,
      gid,
      linkname,
      text,
      (mtime?.getTime() ?? 0) / 1000,
    ]),
    [
      ['./', 'directory', 0o755, 0, 0, null, '', 0],
      ['empty', 'file', 0o644, 0, 0, null, '', 0],
      ['srv', 'directory', 0o755, 0, 0, null, '', 0],
      ['tmp', 'directory', 0o1777, 0, 0, null, '', 0],
      ['srv/a', 'file', 0o640, 33, 34, null, 'content', 1_000_000],
      ['srv/s', 'symlink', 0o777, 0, 0, '../../outside/is/its/own/affair', '', 0],
      ['srv/h', 'link', 0o644, 0, 0, 'srv/a', '', 0],
      [`${long}/${long}`, 'file', 0o644, 0, 0, null, 'x', 0],
    ],
  )
  assert.deepEqual(result.stripped, [])
})

test('extended attributes of the archive do not come through, least of all marks of overlayfs', async () => {
  const { entries } = await filter(
    tarBytes([
      {
        ...folder('a'),
        pax: { 'SCHILY.xattr.user.overlay.opaque': 'y', 'SCHILY.xattr.user.overlay.redirect': '/etc' },
      },
      {
        ...file('b'),
        pax: {
          'SCHILY.xattr.trusted.x': '1',
          'SCHILY.acl.access': 'user::rwx',
          'SCHILY.xattr.security.selinux': 's',
        },
      },
    ]),
  )
  assert.deepEqual(
    entries.map((entry) => entry.pax),
    [null, null],
  )
})

test('what gives privileges is dropped and named where that was asked for', async () => {
  const archive = tarBytes([
    { ...file('su', 'program'), mode: 0o4755 },
    { ...file('ping'), mode: 0o755, pax: { 'SCHILY.xattr.security.capability': 'x' } },
    { name: 'null', type: '3', device: [1, 3] },
    file('plain'),
  ])
  const { entries, result } = await filter(archive, { privileged: 'strip' })
  assert.deepEqual(
    entries.map((entry) => [entry.name, entry.mode]),
    [
      ['su', 0o755],
      ['ping', 0o755],
      ['plain', 0o644],
    ],
  )
  assert.equal(entries[0]?.text, 'program')
  assert.deepEqual(result.stripped, ['su', 'ping', 'null'])
  assert.match((await refusal(archive)).remedy ?? '', /--strip/)
})

test('a whiteout of a layer becomes that of overlayfs', async () => {
  const { entries } = await filter(tarBytes([folder('d'), file('d/.wh.gone', '')]))
  const mark = entries[1]
  assert.deepEqual(
    [mark?.name, mark?.type, mark?.devmajor, mark?.devminor],
    ['d/gone', 'character-device', 0, 0],
  )
})

const marked = (entry: IncomingEntry | undefined): boolean =>
  entry?.pax?.['SCHILY.xattr.user.overlay.opaque'] === 'y'

test('an opaque folder of a layer is marked, and keeps its own mode and owner', async () => {
  const own = { ...folder('d'), mode: 0o1770, uid: 5, gid: 6, mtime: 99 }
  for (const archive of [
    [own, file('d/.wh..wh..opq', '')],
    [file('d/.wh..wh..opq', ''), own],
  ]) {
    const last = (await filter(tarBytes(archive))).entries.at(-1)
    assert.ok(marked(last))
    assert.deepEqual([last?.name, last?.mode, last?.uid, last?.gid], ['d', 0o1770, 5, 6])
  }
})

test('a whiteout never hides what its own layer puts in the place', async () => {
  const behind = await filter(tarBytes([file('a', 'new'), file('.wh.a', ''), folder('d'), file('.wh.d', '')]))
  assert.deepEqual(
    behind.entries.map((one) => [one.name, one.type, marked(one)]),
    [
      ['a', 'file', false],
      ['d', 'directory', false],
      ['d', 'directory', true],
    ],
  )
  const before = await filter(tarBytes([file('.wh.d', ''), folder('d'), file('d/x')]))
  assert.deepEqual(
    before.entries.map((one) => [one.name, one.type, marked(one)]),
    [
      ['d', 'character-device', false],
      ['d', 'directory', true],
      ['d/x', 'file', false],
    ],
  )
})

test('the marks of overlayfs become whiteouts of a layer again', async () => {
  const upper = tarBytes([
    folder('./'),
    {
      ...folder('./d'),
      pax: { 'SCHILY.xattr.user.overlay.opaque': 'y', 'SCHILY.xattr.user.overlay.origin': 'z' },
    },
    { name: './d/gone', type: '3', device: [0, 0] },
    { ...file('./d/su'), mode: 0o4755 },
  ])
  const { entries, result } = await filter(upper, { direction: 'upper', privileged: 'strip' })
  assert.deepEqual(
    entries.map((one) => [one.name, one.type, one.size, one.pax]),
    [
      ['./', 'directory', 0, null],
      ['d', 'directory', 0, null],
      ['d/.wh..wh..opq', 'file', 0, null],
      ['d/.wh.gone', 'file', 0, null],
      ['d/su', 'file', 1, null],
    ],
  )
  assert.deepEqual(result.stripped, ['d/su'])
})

test('a box cannot plant whiteouts by naming its files like them', async () => {
  const error = await refusal(tarBytes([file('d/.wh.passwd', '')]), {
    direction: 'upper',
    privileged: 'strip',
  })
  assert.equal(error.code, 'ARCHIVE_PATH')
})

test('times are clamped, and made ones that a header can carry', async () => {
  const archive = tarBytes([
    { ...file('late'), mtime: 2_000_000_000 },
    { ...file('early'), mtime: 5 },
    { ...file('after 2038'), mtime: 5_000_000_000 },
    { ...file('before 1970'), patch: { 136: '\xff\0\0\0\0\0\0\0\0\0\0\x01' } },
    { ...file('none'), patch: { 136: 'x'.repeat(11) } },
  ])
  const seconds = async (rules: Partial<FilterRules>): Promise<number[]> =>
    (await filter(archive, rules)).entries.map((one) => (one.mtime?.getTime() ?? Number.NaN) / 1000)
  assert.deepEqual(await seconds({ clampSeconds: 1000 }), [1000, 5, 1000, 0, 0])
  assert.deepEqual(await seconds({}), [2_000_000_000, 5, 2 ** 31 - 1, 0, 0])
})

test('entries are left out and replaced where the rules say so', async () => {
  const { entries } = await filter(
    tarBytes([folder('var'), file('var/log', 'noise'), file('id', 'of this host')]),
    {
      omit: (path) => path === 'var/log',
      replace: (path) => (path === 'id' ? 'none' : undefined),
    },
  )
  assert.deepEqual(
    entries.map((one) => [one.name, one.text]),
    [
      ['var', ''],
      ['id', 'none'],
    ],
  )
})

test('the accounts of a layer are kept for whoever starts a box', async () => {
  const { result, entries } = await filter(
    tarBytes([folder('etc'), file('etc/passwd', 'root:x:0:'), file('etc/group', 'g')]),
  )
  assert.deepEqual([result.passwd, result.group, entries[1]?.text], ['root:x:0:', 'g', 'root:x:0:'])
})

test('the filter ends with an archive or a named refusal, whatever bytes it is given', async () => {
  const seed = tarBytes([
    folder('a'),
    { ...file('a/b', 'hello'), pax: { path: 'a/c' } },
    link('s', 'a'),
    hard('h', 'a/c'),
  ])
  let state = 20_250
  const random = (below: number): number => {
    state = (state * 1103515245 + 12345) % 2147483648
    return state % below
  }
  for (let run = 0; run < 300; run++) {
    const bytes = Buffer.from(seed)
    for (let change = random(8); change >= 0; change--) bytes[random(bytes.length)] = random(256)
    const cut = bytes.subarray(0, random(3) === 0 ? random(bytes.length) : bytes.length)
    await filter(cut).catch((error: unknown) => {
      assert.ok(error instanceof GloveboxError, `run ${run}: ${String(error)}`)
    })
  }
})

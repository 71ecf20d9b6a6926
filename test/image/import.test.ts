import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { collectImages } from '../../src/image/gc.ts'
import { importImage } from '../../src/image/import.ts'
import { initStore } from '../../src/image/layout.ts'
import { withLease } from '../../src/image/lock.ts'
import { ownerOfIds } from '../../src/image/owner.ts'
import { resolveImage } from '../../src/image/resolve.ts'
import { scratchStore } from '../support/scratch-store.ts'
import { GZIP, type RawLayer, type RawLayout, sha256, writeLayout } from './oci-layout.ts'
import { serveLayout } from './registry.ts'
import { type RawEntry, tarBytes } from './tar-bytes.ts'

/* Images as an attacker would publish them, through the whole import: skopeo, our parser, tar in its job, the store. */

const store = scratchStore()
const { context } = store
const folder = mkdtempSync(join(tmpdir(), 'glovebox-import-'))
initStore(context.places)
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await store[Symbol.asyncDispose]()
})

const PLAIN: readonly RawEntry[] = [
  { name: 'bin/', type: '5', mode: 0o755 },
  { name: 'bin/true', content: '#!/bin/sh\n', mode: 0o755 },
]
const good: RawLayer = { bytes: tarBytes(PLAIN) }
/** Above a layer that is in order, so that it shows whether that stays. */
const second = (entries: readonly RawEntry[]): RawLayout => ({ layers: [good, { bytes: tarBytes(entries) }] })
const packed = (plain: Buffer): RawLayer => ({ bytes: gzipSync(plain), plain, mediaType: GZIP })

/** Every name in the store but the folders that are always there. */
const everything = (): string[] => (readdirSync(context.places.root, { recursive: true }) as string[]).sort()

let made = 0
function layoutOf(layout: RawLayout): string {
  const place = join(folder, `layout-${made++}`)
  mkdirSync(place)
  writeLayout(place, layout)
  return place
}
const load = (source: string, name = 'image'): Promise<{ readonly digest: string }> =>
  importImage(context, source, { name })

test('control: an image in order is imported, and its layers are there', async () => {
  await load(
    `oci:${layoutOf({ layers: [good, packed(tarBytes([{ name: 'etc', type: '5' }]))] })}:image`,
    'control',
  )
  const { trees, config } = resolveImage(context.places, 'control', ownerOfIds(context.ids))
  assert.equal(trees.length, 2)
  assert.deepEqual(config.cmd, ['/bin/true'])
})

const bomb = Buffer.alloc(300 * 2 ** 20)
const HOSTILE: readonly (readonly [what: string, layout: RawLayout, error: RegExp])[] = [
  ['an absolute path', second([{ name: '/etc/passwd', content: 'x' }]), /absolute|path/i],
  ['a path that climbs', second([{ name: '../../outside', content: 'x' }]), /\.\.|climbs|path/i],
  [
    'a symlink to write through',
    second([
      { name: 'out', type: '2', linkname: '/tmp' },
      { name: 'out/file', content: 'x' },
    ]),
    /symbolic link|symlink|folder/i,
  ],
  [
    'a hard link to a file of the host',
    second([{ name: 'shadow', type: '1', linkname: '../../etc/shadow' }]),
    /link|\.\./i,
  ],
  [
    'a hard link through a symlink',
    second([
      { name: 'alias', type: '2', linkname: '/etc' },
      { name: 'shadow', type: '1', linkname: 'alias/shadow' },
    ]),
    /link/i,
  ],
  ['a device node', second([{ name: 'sda', type: '4', device: [8, 0] }]), /device/i],
  ['a set-user-id file', second([{ name: 'su', content: 'x', mode: 0o4755 }]), /set-user-id|privilege/i],
  ['/dev as a symlink', second([{ name: 'dev', type: '2', linkname: '/tmp' }]), /dev/],
  ['/proc as a symlink', second([{ name: 'proc', type: '2', linkname: '/tmp' }]), /proc/],
  ['a decompression bomb', { layers: [good, packed(bomb)] }, /times its size|archive/i],
  [
    'a layer with a wrong digest',
    { layers: [good, { bytes: tarBytes([]), digest: sha256('other') }] },
    /digest|match/i,
  ],
  [
    'a layer with a wrong diff id',
    { layers: [good, { bytes: tarBytes([{ name: 'a' }]), diffId: sha256('other') }] },
    /diff/i,
  ],
  [
    'a layer with a wrong size',
    { layers: [good, { bytes: tarBytes([{ name: 'b' }]), size: 5 }] },
    /size|digest|match|EOF/i,
  ],
  [
    'a truncated layer',
    { layers: [good, { bytes: tarBytes([{ name: 'c', content: 'x'.repeat(5000) }]).subarray(0, 2048) }] },
    /cut short|damaged|end|broken/i,
  ],
  [
    'a truncated packed layer',
    (() => {
      const plain = tarBytes([{ name: 'd', content: 'y'.repeat(90_000) }])
      return { layers: [good, { bytes: gzipSync(plain).subarray(0, 90), plain, mediaType: GZIP }] }
    })(),
    /cut short|damaged|EOF|end/i,
  ],
  ['a configuration that names no layers', { layers: [good], config: { rootfs: {} } }, /layers|config/i],
  [
    'a configuration of the wrong kind',
    { layers: [good], config: { rootfs: 7, config: 'x' } },
    /layers|config|unmarshal/i,
  ],
  [
    'more diff ids than layers',
    { layers: [good], config: { rootfs: { type: 'layers', diff_ids: [sha256('a'), sha256('b')] } } },
    /layers|diff/i,
  ],
  [
    'a manifest without layers that are a list',
    { layers: [good], manifest: { layers: 'all' } },
    /manifest|layers|unmarshal/i,
  ],
  [
    'an index that is no index',
    { layers: [good], index: { schemaVersion: 2, manifests: 3 } },
    /index|unmarshal|image/i,
  ],
  [
    'a huge configuration',
    { layers: [good], config: { padding: 'x'.repeat(20 * 2 ** 20) } },
    /large|big|size|exceed|limit/i,
  ],
]

for (const [what, layout, reason] of HOSTILE)
  test(`an image with ${what} is refused, and nothing of it stays`, async () => {
    const place = layoutOf(layout)
    const before = everything()
    await assert.rejects(load(`oci:${place}:image`), (error: Error & { code?: string; remedy?: string }) => {
      assert.match(error.message, reason)
      assert.match(error.code ?? '', /^(IMAGE_INVALID|IMPORT_FAILED|ARCHIVE_[A-Z_]+)$/)
      assert.notEqual(error.remedy ?? '', '')
      return true
    })
    assert.deepEqual(everything(), before)
  })

test('a blob that is a symlink to a file of the user is not read', async () => {
  const place = layoutOf({ layers: [good] })
  const secret = join(folder, 'secret')
  writeFileSync(secret, tarBytes([{ name: 'secret', content: 'of the user' }]))
  const blob = join(place, 'blobs', 'sha256', sha256(good.bytes).replace('sha256:', ''))
  rmSync(blob)
  symlinkSync(secret, blob)
  const before = everything()
  await assert.rejects(load(`oci:${place}:image`))
  assert.deepEqual(everything(), before)
})

for (const [name, bytes] of [
  ['rootfs.tar', tarBytes(PLAIN)],
  ['packed', gzipSync(tarBytes(PLAIN))],
] as const)
  test(`a root filesystem is known by its bytes, not by its name: ${name}`, async () => {
    writeFileSync(join(folder, name), bytes)
    await load(`tar:${join(folder, name)}`, name)
    assert.equal(resolveImage(context.places, name, ownerOfIds(context.ids)).trees.length, 1)
  })

test('a root filesystem that is a bomb is refused, and nothing of it stays', async () => {
  writeFileSync(join(folder, 'bomb.tar.gz'), gzipSync(bomb))
  const before = everything()
  await assert.rejects(load(join(folder, 'bomb.tar.gz')))
  assert.deepEqual(everything(), before)
})

test('a name that no image may have is refused before anything is read', async () => {
  for (const name of ['', '../up', 'a b', '-option', 'x'.repeat(300)])
    await assert.rejects(load(`oci:${folder}/none:image`, name), { audience: 'usage' }, name)
})

test('images that lost their name go with the next gc, and none while somebody is at work', async () => {
  await load(`oci:${layoutOf({ layers: [{ bytes: tarBytes([{ name: 'old' }]) }] })}:image`, 'moving')
  const old = resolveImage(context.places, 'moving', ownerOfIds(context.ids))
  await load(`oci:${layoutOf({ layers: [{ bytes: tarBytes([{ name: 'new' }]) }] })}:image`, 'moving')
  await withLease(context.places, () => collectImages(context, []))
  assert.equal(resolveImage(context.places, old.digest, ownerOfIds(context.ids)).digest, old.digest)
  await collectImages(context, [old.digest])
  assert.equal(
    resolveImage(context.places, old.digest, ownerOfIds(context.ids)).digest,
    old.digest,
    'a box has it',
  )
  await collectImages(context, [])
  assert.throws(() => resolveImage(context.places, old.digest, ownerOfIds(context.ids)), {
    code: 'IMAGE_NOT_FOUND',
  })
  assert.equal(resolveImage(context.places, 'control', ownerOfIds(context.ids)).trees.length, 2)
})

test('two imports of one image at once both succeed', async () => {
  const place = layoutOf({ layers: [good, { bytes: tarBytes([{ name: 'twice', content: 'x' }]) }] })
  const [one, two] = await Promise.all([
    load(`oci:${place}:image`, 'twice'),
    load(`oci:${place}:image`, 'twice'),
  ])
  assert.equal(one.digest, two.digest)
  assert.equal(resolveImage(context.places, 'twice', ownerOfIds(context.ids)).trees.length, 2)
})

test('an image comes from a registry, and one whose blobs are others is refused', async () => {
  const entries = [{ name: 'from-afar', content: 'x' }]
  const place = layoutOf({ layers: [{ bytes: tarBytes(entries) }] })
  const home = process.env['HOME']
  process.env['HOME'] = folder
  try {
    await using registry = await serveLayout(place, join(folder, '.config', 'containers', 'certs.d'))
    await load(`docker://${registry.host}/some/image:tag`, 'afar')
    assert.equal(resolveImage(context.places, 'afar', ownerOfIds(context.ids)).trees.length, 1)
    assert.ok(registry.asked.includes('manifests') && registry.asked.includes('blobs'))
    const [layer = ''] = readdirSync(join(place, 'blobs', 'sha256')).filter(
      (name) => name === sha256(tarBytes(entries)).replace('sha256:', ''),
    )
    writeFileSync(join(place, 'blobs', 'sha256', layer), tarBytes([{ name: 'another', content: 'y' }]))
    const before = everything()
    await assert.rejects(load(`docker://${registry.host}/some/image:tag`, 'changed'), {
      code: 'IMPORT_FAILED',
    })
    assert.deepEqual(everything(), before)
  } finally {
    process.env['HOME'] = home
  }
})

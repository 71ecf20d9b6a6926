import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { currentPaths } from '../../src/host/paths.ts'
import { inBox, readyGlovebox } from '../support/base-box.ts'
import { type RawEntry, tarBytes } from './tar-bytes.ts'
import { appImage, compile, debPackage, tarball, writeFiles } from './vendor-files.ts'

const glovebox = await readyGlovebox()
const { images } = glovebox
const folder = mkdtempSync(join(tmpdir(), 'glovebox-vendor-'))
const name = `vendor-test-${process.pid}`
after(async () => {
  await images.remove(name)
  rmSync(folder, { recursive: true })
})

function recipe(vendor: readonly object[], file = name): string {
  const path = join(folder, `${file}.yaml`)
  writeFileSync(path, JSON.stringify({ base: { recipe: 'base' }, vendor }))
  return path
}

const CONTROL = 'Version: 1.0\nArchitecture: all\nMaintainer: V <v@v.test>\nDescription: test\n'
const MACHINE_ID = 'feedfacefeedfacefeedfacefeedface'
const program = compile(folder, 'hello')
const opened = join(folder, 'opened')
writeFiles(opened, { AppRun: '#!/bin/sh\nexec "$APPDIR/usr/bin/hello" "$ARGV0-$1"\n' })
mkdirSync(join(opened, 'usr/bin'), { recursive: true })
writeFileSync(join(opened, 'usr/bin/hello'), readFileSync(program), { mode: 0o755 })

test('a .deb with its dependencies, an AppImage and a tarball run in a box', async () => {
  const deb = writeFiles(join(folder, 'deb'), {
    /* sysvbanner is small, and no other package of the base. */
    'DEBIAN/control': `Package: vendor-one\nDepends: sysvbanner\n${CONTROL}`,
    'DEBIAN/postinst': `#!/bin/sh\nset -e\n[ "$1" = configure ]\necho configured >/opt/vendor-one/state\nx=feedface; echo $x$x$x$x >/etc/machine-id\n`,
    'opt/vendor-one/start': '#!/bin/sh\nbanner x >/dev/null && cat /opt/vendor-one/state\n',
  })
  const top = writeFiles(join(folder, 'top'), { 'app-1.2/share/data': 'data of the tool\n' })
  writeFiles(top, { 'app-1.2/bin/tool': '#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/../share/data"\n' })
  const path = recipe([
    { deb: debPackage(join(folder, 'one.deb'), deb) },
    { appimage: appImage(folder, program, opened), name: 'two' },
    { tarball: tarball(join(folder, 'three.tar.xz'), top), name: 'three', link: 'app-1.2/bin/tool' },
  ])
  await images.build(path)
  const said = async (...command: string[]): Promise<string> => {
    const { code, out, err } = await inBox(glovebox, command, { image: name })
    assert.equal(code, 0, err)
    return out
  }
  assert.equal(await said('/opt/vendor-one/start'), 'configured\n')
  assert.equal(await said('two', 'word'), 'hello two-word\n')
  assert.equal(await said('tool'), 'data of the tool\n')
  assert.equal(await said('stat', '-c', '%u:%g %a', '/opt/three/app-1.2/bin/tool'), '0:0 755\n')
  /* What differs from build to build stays behind; the control is the file beside it. */
  const blobs = await layerTexts()
  assert.ok(blobs.includes('configured\n') && !blobs.includes(MACHINE_ID))
  const lock = JSON.parse(await images.document(name, 'lock'))
  assert.deepEqual(
    lock.vendor.map((one: { name: string }) => one.name),
    ['one.deb', 'two', 'three'],
  )
  const listed = lock.packages.map((one: { name: string }) => one.name)
  for (const one of ['vendor-one', 'sysvbanner']) assert.ok(listed.includes(one), one)
  const sbom = JSON.parse(await images.document(name, 'sbom')).packages as { name: string }[]
  for (const one of ['vendor-one', 'two', 'three'])
    assert.equal(sbom.filter((two) => two.name === one).length, 1)
})

const file = (path: string, more: Partial<RawEntry> = {}): RawEntry => ({ name: path, content: 'x', ...more })
const hostile: readonly (readonly [
  claim: string,
  entries: readonly RawEntry[],
  code: string,
  named: RegExp,
])[] = [
  ['a name that climbs out', [file('../../usr/bin/sh')], 'ARCHIVE_PATH', /"\.\.\/\.\.\/usr\/bin\/sh"/],
  ['an absolute name', [file('/etc/passwd')], 'ARCHIVE_PATH', /"\/etc\/passwd"/],
  [
    'a way out through a link of its own',
    [file('a', { type: '2', linkname: '/etc', content: '' }), file('a/passwd')],
    'ARCHIVE_LINK',
    /"a\/passwd"/,
  ],
  [
    'a hard link to what is not its own',
    [file('a', { type: '1', linkname: '../../etc/passwd', content: '' })],
    'ARCHIVE_PATH',
    /passwd/,
  ],
  ['a set-user-id program', [file('bin/su', { mode: 0o4755 })], 'ARCHIVE_SETUID', /"bin\/su"/],
  [
    'a file capability',
    [file('bin/ping', { pax: { 'SCHILY.xattr.security.capability': 'x' } })],
    'ARCHIVE_SETUID',
    /"bin\/ping"/,
  ],
  ['a device', [file('disk', { type: '4', device: [8, 0], content: '' })], 'ARCHIVE_DEVICE', /"disk"/],
]
for (const [claim, entries, code, named] of hostile)
  test(`a tarball with ${claim} is refused, and nothing gets a name`, async () => {
    const path = join(folder, 'hostile.tar')
    writeFileSync(path, tarBytes([file('before'), ...entries]))
    await refused(recipe([{ tarball: path, name: 'bad' }], 'hostile'), code, named)
  })

test('a tarball that unpacks without end is refused while it does', async () => {
  const path = join(folder, 'bomb.tar.gz')
  writeFileSync(path, gzipSync(tarBytes([file('zeros', { content: Buffer.alloc(96 * 2 ** 20) })])))
  await refused(recipe([{ tarball: path, name: 'bad' }], 'hostile'), 'ARCHIVE_BOMB', /bomb\.tar\.gz/)
})

for (const [packing, bytes] of [
  ['.tar.gz', gzipSync(tarBytes([file('a')])).subarray(0, 40)],
  ['.tar.xz', Buffer.from('fd377a585a000004ffffffff', 'hex')],
  ['.tar', Buffer.from('a page that says: please log in\n'.repeat(40))],
] as const)
  test(`a damaged ${packing} is refused`, async () => {
    const path = join(folder, `damaged${packing}`)
    writeFileSync(path, bytes)
    await refused(
      recipe([{ tarball: path, name: 'bad' }], 'hostile'),
      /VENDOR_UNREADABLE|ARCHIVE_BROKEN|IMAGE_INVALID/,
      /damaged/,
    )
  })

test('a link to a program that the tarball does not have is refused', async () => {
  const path = join(folder, 'small.tar')
  writeFileSync(path, tarBytes([file('bin/tool', { mode: 0o755 }), file('data')]))
  const linkTo = (link: string): string => recipe([{ tarball: path, name: 'bad', link }], 'hostile')
  await refused(linkTo('bin/other'), 'VENDOR_NO_PROGRAM', /bin\/other/)
  await refused(linkTo('data'), 'VENDOR_NO_PROGRAM', /data/)
})

test('an AppImage that is none, of another type, for another machine or cut short is refused', async () => {
  const use = (path: string): string => recipe([{ appimage: path, name: 'bad' }], 'hostile')
  await refused(use(program), 'VENDOR_APPIMAGE', /without the mark/)
  await refused(use(appImage(folder, program, opened, 1)), 'VENDOR_APPIMAGE', /type 1/)
  await refused(
    use(debPackage(join(folder, 'two.deb'), join(folder, 'deb'))),
    'VENDOR_APPIMAGE',
    /does not begin with a program/,
  )
  const path = appImage(folder, program, opened)
  const bytes = readFileSync(path)
  bytes.writeUInt16LE(0x1234, 18)
  writeFileSync(join(folder, 'foreign.AppImage'), bytes)
  await refused(use(join(folder, 'foreign.AppImage')), 'VENDOR_APPIMAGE', /another machine/)
  truncateSync(path, bytes.length - 8192)
  await refused(use(path), 'VENDOR_UNREADABLE', /type2\.AppImage/)
})

test('an AppImage with a set-user-id program is refused', async () => {
  const bad = writeFiles(join(folder, 'setuid'), { AppRun: '#!/bin/sh\n' })
  chmodSync(join(bad, 'AppRun'), 0o4755)
  await refused(
    recipe([{ appimage: appImage(folder, program, bad), name: 'bad' }], 'hostile'),
    'ARCHIVE_SETUID',
    /"AppRun"/,
  )
})

test('a .deb that is broken, whose dependency is nowhere, or whose script fails is refused with the reason', async () => {
  const use = (path: string): string => recipe([{ deb: path }], 'hostile')
  const broken = join(folder, 'broken.deb')
  writeFileSync(broken, '!<arch>\nnot a package')
  await refused(use(broken), 'BUILD_STEP_FAILED', /broken\.deb/)
  const make = (control: string, postinst = '#!/bin/sh\n'): string => {
    const files = {
      'DEBIAN/control': `Package: vendor-bad\n${control}${CONTROL}`,
      'DEBIAN/postinst': postinst,
    }
    return debPackage(join(folder, 'bad.deb'), writeFiles(join(folder, 'bad'), files))
  }
  await refused(use(make('Depends: no-such-package-at-all\n')), 'BUILD_STEP_FAILED', /no-such-package-at-all/)
  await refused(use(make('', '#!/bin/sh\nexit 9\n')), 'BUILD_STEP_FAILED', /vendor-bad.* 9/)
})

test('a vendor file that is not there is named', async () => {
  await refused(recipe([{ deb: 'missing.deb' }], 'hostile'), 'RECIPE_FILE_MISSING', /missing\.deb/)
})

async function layerTexts(): Promise<string> {
  const { layers } = (await images.show(name)) as unknown as { layers: { digest: string; size: number }[] }
  const blobs = join(currentPaths().store, 'oci/blobs/sha256')
  return layers
    .slice(1)
    .map(({ digest }) => readFileSync(join(blobs, digest.slice('sha256:'.length)), 'latin1'))
    .join('')
}

async function refused(path: string, code: string | RegExp, named: RegExp): Promise<void> {
  await assert.rejects(images.build(path), (error: Error & { code?: string }) => {
    assert.match(
      error.code ?? error.name,
      typeof code === 'string' ? new RegExp(`^${code}$`) : code,
      error.message,
    )
    assert.match(error.message, named)
    return true
  })
  await assert.rejects(images.show('hostile'), { code: 'IMAGE_NOT_FOUND' })
}

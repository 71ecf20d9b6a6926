import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { spawnTool } from '../../src/host/spawn.ts'
import { blobPath, digestOf, imageName, readIndex, writeAtomically } from '../../src/image/layout.ts'
import { parseLock } from '../../src/image/package-lock.ts'
import { documentPath, referrersOf } from '../../src/image/referrers.ts'
import type { Digest } from '../../src/image/types.ts'
import { scratchStore } from '../support/scratch-store.ts'
import { type RawEntry, tarBytes } from './tar-bytes.ts'

const store = scratchStore()
after(() => store[Symbol.asyncDispose]())
const { context, glovebox } = store
const { images } = glovebox
const { places } = context

const STATUS = `Package: one
Status: install ok installed
Architecture: amd64
Version: 1.0-1
Maintainer: Some Body <some@body.test>

Package: two
Status: install ok installed
Architecture: all
Version: 2:2.0
`
const folder = (name: string): RawEntry => ({ name, type: '5', mode: 0o755 })
const FOLDERS = ['var/', 'var/lib/', 'var/lib/dpkg/', 'etc/', 'usr/', 'usr/lib/'].map(folder)
const RELEASE: RawEntry = { name: 'usr/lib/os-release', content: 'ID=debian\nVERSION_CODENAME=trixie\n' }
const LINKED: RawEntry = { name: 'etc/os-release', type: '2', linkname: '../usr/lib/os-release' }
const DEBIAN = [...FOLDERS, RELEASE, LINKED, { name: 'var/lib/dpkg/status', content: STATUS }]

async function imported(name: string, entries: readonly RawEntry[]): Promise<Digest> {
  const path = join(store.folder, `${name}.tar`)
  writeFileSync(path, tarBytes(entries))
  return (await images.importFrom(`tar:${path}`, { name })).digest as Digest
}

const versionsIn = (lock: string): string[] =>
  parseLock(lock, 'lock').packages.map((one) => `${one.name} ${one.version} ${one.architecture}`)

test('an imported Debian image has a lock file and a bill of materials of what dpkg lists', async () => {
  const digest = await imported('debian', DEBIAN)
  assert.deepEqual(versionsIn(await images.document('debian', 'lock')), ['one 1.0-1 amd64', 'two 2:2.0 all'])
  const sbom = JSON.parse(await images.document('debian', 'sbom'))
  assert.equal(sbom.packages[0].versionInfo, digest)
  assert.deepEqual(
    sbom.packages
      .slice(1)
      .map((one: { externalRefs: { referenceLocator: string }[] }) => one.externalRefs[0]),
    ['one@1.0-1?arch=amd64', 'two@2:2.0?arch=all'].map((rest) => ({
      referenceCategory: 'PACKAGE-MANAGER',
      referenceType: 'purl',
      referenceLocator: `pkg:deb/debian/${rest}&distro=trixie`,
    })),
  )
  assert.equal((await images.show('debian'))['packages'], 2)
})

test('an image that keeps one file a package, as distroless ones do, is understood, too', async () => {
  const stanza = 'Package: base-files\nVersion: 13\nArchitecture: amd64\n'
  await imported('distroless', [
    ...FOLDERS,
    folder('var/lib/dpkg/status.d/'),
    { name: 'var/lib/dpkg/status.d/base', content: stanza },
    { name: 'var/lib/dpkg/status.d/base.md5sums', content: 'Package: no\nVersion: 1\nArchitecture: all\n' },
  ])
  assert.deepEqual(versionsIn(await images.document('distroless', 'lock')), ['base-files 13 amd64'])
})

test('an image without Debian packages has none, and says so', async () => {
  await imported('plain', [folder('bin/'), { name: 'bin/true', mode: 0o755, content: 'x' }])
  assert.equal((await images.show('plain'))['packages'], undefined)
  await assert.rejects(images.document('plain', 'sbom'), { code: 'IMAGE_WITHOUT_PACKAGES' })
})

test('links of a hostile image lead to nothing of the host', async () => {
  const secret = join(store.folder, 'secret')
  writeFileSync(secret, STATUS)
  await imported('link', [...FOLDERS, { name: 'var/lib/dpkg/status', type: '2', linkname: secret }])
  await assert.rejects(images.document('link', 'lock'), { code: 'IMAGE_WITHOUT_PACKAGES' })
  await imported('parent', [
    folder('var/'),
    folder('var/lib/'),
    { name: 'var/lib/dpkg', type: '2', linkname: store.folder },
  ])
  writeFileSync(join(store.folder, 'status'), STATUS)
  await assert.rejects(images.document('parent', 'lock'), { code: 'IMAGE_WITHOUT_PACKAGES' })
  /* The control: the same text is read where it is the image's own. */
  assert.equal((await images.show('debian'))['packages'], 2)
})

test('a list of packages without end is refused, and the image gets no name', async () => {
  const content = Buffer.alloc(17 * 2 ** 20, 'x')
  await assert.rejects(imported('endless', [...FOLDERS, { name: 'var/lib/dpkg/status', content }]), {
    code: 'IMAGE_INVALID',
  })
  await assert.rejects(images.show('endless'), { code: 'IMAGE_NOT_FOUND' })
})

test('the documents refer to the image as OCI 1.1 artifacts do', async () => {
  const { digest } = await images.show('debian')
  const referrers = referrersOf(readIndex(places), digest as Digest)
  assert.deepEqual(
    referrers.map((one) => one.artifactType),
    ['application/vnd.glovebox.lock.v1+json', 'application/spdx+json'],
  )
  for (const referrer of referrers) {
    const manifest = JSON.parse(readFileSync(blobPath(places, referrer.digest), 'utf8'))
    assert.equal(manifest.mediaType, 'application/vnd.oci.image.manifest.v1+json')
    assert.equal(manifest.artifactType, referrer.artifactType)
    assert.equal(manifest.subject.digest, digest)
    assert.equal(manifest.config.mediaType, 'application/vnd.oci.empty.v1+json')
    assert.equal(manifest.layers[0].digest, digestOf(readFileSync(documentPath(places, referrer))))
  }
})

test('other tools read the store as before, and the documents are no images', async () => {
  const { exitCode, stdout } = await spawnTool(['skopeo', 'inspect', `oci:${places.oci}:debian`])
  assert.equal(exitCode, 0)
  assert.equal(JSON.parse(stdout).Digest, (await images.show('debian'))['digest'])
  for (const { name } of await images.list()) assert.ok(name !== undefined)
})

for (const form of ['oci', 'oci-archive'])
  test(`exported as ${form} and imported again, an image has the same digest and the same documents`, async () => {
    const destination = `${form}:${join(store.folder, `out-${form}`)}`
    await images.export('debian', destination)
    const before = await Promise.all((['lock', 'sbom'] as const).map((one) => images.document('debian', one)))
    const { digest } = await images.show('debian')
    await images.remove('debian')
    const again = await images.importFrom(destination, { name: 'debian' })
    assert.equal(again.digest, digest)
    const now = await Promise.all((['lock', 'sbom'] as const).map((one) => images.document('debian', one)))
    assert.deepEqual(now, before)
  })

test('an image without a name is exported, too, and gets none by that', async () => {
  const digest = await imported('once', [...DEBIAN, { name: 'etc/once', content: '' }])
  await imported('once', [...DEBIAN, { name: 'etc/twice', content: '' }])
  const namesBefore = readIndex(places).manifests.map(imageName)
  await images.export(digest, `oci:${join(store.folder, 'unnamed')}`)
  assert.deepEqual(readIndex(places).manifests.map(imageName), namesBefore)
  assert.ok(existsSync(join(store.folder, 'unnamed', 'index.json')))
})

test('a damaged document is found, and made again', async () => {
  const { digest } = await images.show('debian')
  const referrer = referrersOf(readIndex(places), digest as Digest)[1]
  assert.ok(referrer !== undefined)
  const whole = await images.document('debian', 'sbom')
  const path = documentPath(places, referrer)
  writeAtomically(places, path, whole.replace('1.0-1', '9.9-9'))
  const { problems } = await images.verify('debian')
  assert.equal(problems.length, 1)
  assert.match(problems[0] ?? '', /other content than its digest names/)
  assert.deepEqual((await images.verify('debian', { repair: true })).problems, [])
  assert.equal(await images.document('debian', 'sbom'), whole)
  assert.deepEqual((await images.verify('debian')).problems, [])
})

test('cleaning up keeps the documents of an image as long as the image, and no longer', async () => {
  const { digest } = await images.show('debian')
  const referrers = referrersOf(readIndex(places), digest as Digest)
  const documents = referrers.map((one) => documentPath(places, one))
  await images.tag('debian', 'other')
  await images.remove('debian')
  letAllSettle()
  await glovebox.gc()
  assert.deepEqual(
    documents.map((path) => existsSync(path)),
    [true, true],
  )
  assert.equal(versionsIn(await images.document('other', 'lock')).length, 2)
  await images.remove('other')
  letAllSettle()
  await glovebox.gc()
  assert.deepEqual(
    documents.map((path) => existsSync(path)),
    [false, false],
  )
  assert.deepEqual(referrersOf(readIndex(places), digest as Digest), [])
  assert.deepEqual((await images.verify()).problems, [])
})

/** What is younger than an hour is left alone. */
function letAllSettle(): void {
  const blobs = join(places.oci, 'blobs', 'sha256')
  for (const name of readdirSync(blobs)) utimesSync(join(blobs, name), 1, 1)
  for (const name of readdirSync(places.trees)) utimesSync(join(places.trees, name), 1, 1)
}

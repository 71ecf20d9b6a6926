import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GloveboxError } from '../../src/errors.ts'
import { mmdebstrapWords } from '../../src/image/debian.ts'
import {
  aptPreferences,
  compareWithLock,
  formatLock,
  type LockedPackage,
  makeLock,
  parseLock,
  requireLocked,
} from '../../src/image/package-lock.ts'
import { parseDpkgStatus, parseOsRelease } from '../../src/image/packages.ts'
import { packageUrl, spdxDocument } from '../../src/image/sbom.ts'
import type { Digest } from '../../src/image/types.ts'

const STATUS = `Package: zlib1g
Status: install ok installed
Priority: required
Maintainer: Mark Brown <broonie@debian.org>
Architecture: amd64
Multi-Arch: same
Source: zlib (1:1.3.dfsg+really1.3.1-1)
Version: 1:1.3.dfsg+really1.3.1-1+b1
Description: compression library - runtime
 Status: deinstall ok config-files
 .
 More.
Homepage: http://zlib.net/

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: libstdc++6
Status: install ok installed
Architecture: amd64
Version: 14.2.0-19
Source: gcc-14

Package: libstdc++6
Status: hold ok installed
Architecture: i386
Version: 14.2.0-19
`

test('installed packages are read from the status file of dpkg, sorted, and removed ones are not', () => {
  const packages = parseDpkgStatus(STATUS)
  assert.deepEqual(
    packages.map(
      (one) => `${one.name}:${one.architecture} ${one.version} ${one.source} ${one.sourceVersion}`,
    ),
    [
      'libstdc++6:amd64 14.2.0-19 gcc-14 14.2.0-19',
      'libstdc++6:i386 14.2.0-19 libstdc++6 14.2.0-19',
      'zlib1g:amd64 1:1.3.dfsg+really1.3.1-1+b1 zlib 1:1.3.dfsg+really1.3.1-1',
    ],
  )
  assert.equal(packages[2]?.homepage, 'http://zlib.net/')
})

test('a hostile status file yields no package with a strange name, and no control characters', () => {
  const stanza = (name: string, version: string, more = ''): string =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n${more}`
  const text = [
    stanza('../../etc', '1'),
    stanza('good', '1', 'Maintainer: \u001b[31mred\u0007\nHomepage: javascript:alert(1)\n'),
    stanza('bad', '1\\nPackage: x'),
    stanza('-o', '1'),
    'Package good',
    ':::',
  ].join('\n\n')
  assert.deepEqual(parseDpkgStatus(text), [
    {
      name: 'good',
      version: '1',
      architecture: 'amd64',
      source: 'good',
      sourceVersion: '1',
      maintainer: '[31mred',
    },
  ])
})

test('the system of an image is read from os-release', () => {
  const text =
    'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian\n'
  assert.deepEqual(parseOsRelease(text), { id: 'debian', versionId: '13', codename: 'trixie' })
  assert.equal(parseOsRelease('NAME="$(id)"\n'), undefined)
})

const SOURCES = [
  {
    url: 'http://mirror.test/debian',
    suite: 'trixie',
    inRelease: 'a'.repeat(64),
    dateSeconds: 1_700_000_000,
  },
]

test('a lock file is read back as it was written, one package a line', () => {
  const lock = makeLock('base', SOURCES, parseDpkgStatus(STATUS))
  const text = formatLock(lock)
  assert.deepEqual(parseLock(text, 'base.lock.json'), lock)
  assert.equal(text.split('\n').filter((line) => line.includes('"architecture"')).length, 3)
})

const brokenLocks: readonly (readonly [claim: string, text: string, reason: RegExp])[] = [
  ['no JSON', '{', /not JSON/],
  ['another version', '{"version":2}', /version is not 1/],
  ['no packages', '{"version":1,"name":"x","sources":[]}', /no name, sources or packages/],
  [
    'a source without its digest',
    '{"version":1,"name":"x","sources":[{"url":"u","suite":"s"}],"packages":[]}',
    /source/,
  ],
  [
    'a version that would write into the preferences of apt',
    '{"version":1,"name":"x","sources":[],"packages":[{"name":"a","architecture":"all","version":"1\\nPackage: *"}]}',
    /package number 1/,
  ],
]
for (const [claim, text, reason] of brokenLocks)
  test(`a broken lock file is refused with its reason: ${claim}`, () => {
    assert.throws(
      () => parseLock(text, 'x.lock.json'),
      (error: unknown) =>
        error instanceof GloveboxError && error.code === 'LOCK_INVALID' && reason.test(error.message),
    )
  })

test('a lock pins every version, also an older one', () => {
  const lock = makeLock('base', [], parseDpkgStatus(STATUS).slice(0, 1))
  assert.equal(
    aptPreferences(lock),
    'Package: libstdc++6:amd64\nPin: version 14.2.0-19\nPin-Priority: 1001\n',
  )
})

test('each package that differs from the lock is named', () => {
  const installed = parseDpkgStatus(STATUS)
  const lock = makeLock('base', SOURCES, installed)
  const found = (packages: readonly LockedPackage[]) => ({ packages, vendor: [] })
  requireLocked(lock, 'base.lock.json', found(installed))
  const changed = [
    ...installed.slice(1).map((one) => ({ ...one, version: one.name === 'zlib1g' ? '2' : one.version })),
    { name: 'new', version: '1', architecture: 'all' },
  ]
  assert.deepEqual(compareWithLock(lock, found(changed)), [
    { name: 'libstdc++6', architecture: 'amd64', locked: '14.2.0-19' },
    { name: 'new', architecture: 'all', found: '1' },
    { name: 'zlib1g', architecture: 'amd64', locked: '1:1.3.dfsg+really1.3.1-1+b1', found: '2' },
  ])
  assert.throws(
    () => requireLocked(lock, 'base.lock.json', found(changed)),
    /3 packages differ from base\.lock\.json[\s\S]*libstdc\+\+6 \(amd64\): locked 14\.2\.0-19, found nothing[\s\S]*zlib1g/,
  )
})

test('a vendor file that is another one than the lock says is named', () => {
  const vendor = (sha256: string) => [{ name: 'app', kind: 'tarball', sha256 } as const]
  const lock = makeLock('base', [], [], vendor('a'.repeat(64)))
  assert.deepEqual(parseLock(formatLock(lock), 'x'), lock)
  assert.throws(
    () => requireLocked(lock, 'x.lock.json', { packages: [], vendor: vendor('b'.repeat(64)) }),
    /app \(tarball\): locked a{64}, found b{64}/,
  )
})

test('a base is built with the versions of a lock, and nothing of the pins stays in it', () => {
  const build = {
    ...{ variant: 'minbase', sources: SOURCES.map((one) => ({ ...one, components: ['main'] })) },
    ...{ packages: [], epochSeconds: 0, onProgress: () => undefined, signal: undefined },
  }
  const hooks = (preferences: string): string[] =>
    mmdebstrapWords({ ...build, preferences }).filter((word) => word.includes('hook'))
  assert.deepEqual(hooks(''), [])
  const [, copy, remove] = hooks('Package: a\n')
  assert.match(copy ?? '', /^--setup-hook=cp .*etc\/apt\/preferences\.d\/glovebox/)
  assert.match(remove ?? '', /^--customize-hook=rm .*etc\/apt\/preferences\.d\/glovebox/)
})

test('the SBOM is an SPDX 2.3 document with every package, its version and its package URL', () => {
  const packages = parseDpkgStatus(STATUS)
  const system = parseOsRelease('ID=debian\nVERSION_CODENAME=trixie\n')
  const subject = {
    name: 'base',
    image: `sha256:${'1'.repeat(64)}` as Digest,
    createdSeconds: 1_700_000_000,
    system,
    packages,
    vendor: [
      { name: 'an_app', kind: 'appimage', sha256: 'b'.repeat(64) } as const,
      { name: 'a.deb', kind: 'deb', sha256: 'c'.repeat(64) } as const,
    ],
    toolVersion: '0',
  }
  const document = JSON.parse(spdxDocument(subject))
  assert.equal(document.spdxVersion, 'SPDX-2.3')
  assert.equal(document.creationInfo.created, '2023-11-14T22:13:20Z')
  assert.deepEqual(
    document.packages.slice(1, -1).map((one: { versionInfo: string }) => one.versionInfo),
    packages.map((one) => one.version),
  )
  const ids: string[] = document.packages.map((one: { SPDXID: string }) => one.SPDXID)
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.match(id, /^SPDXRef-[A-Za-z0-9.-]+$/)
  assert.equal(document.relationships.length, document.packages.length)
  assert.equal(spdxDocument(subject), spdxDocument(subject))
})

test('package URLs follow the purl specification', () => {
  const [libstdc, , zlib] = parseDpkgStatus(STATUS)
  assert.ok(libstdc !== undefined && zlib !== undefined)
  assert.equal(packageUrl(libstdc, undefined), 'pkg:deb/debian/libstdc%2B%2B6@14.2.0-19?arch=amd64')
  assert.equal(
    packageUrl(zlib, { id: 'debian', codename: 'trixie' }),
    'pkg:deb/debian/zlib1g@1:1.3.dfsg%2Breally1.3.1-1%2Bb1?arch=amd64&distro=trixie',
  )
})

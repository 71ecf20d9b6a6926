import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { currentPaths } from '../../src/host/paths.ts'
import type { Progress } from '../../src/sdk.ts'
import { cli, inBox, LAUNCHER, readyGlovebox } from '../support/base-box.ts'

const glovebox = await readyGlovebox()
const { images } = glovebox
const folder = mkdtempSync(join(tmpdir(), 'glovebox-build-'))
const names = ['one', 'two'].map((name) => `build-test-${name}-${process.pid}`)
const [one = '', two = ''] = names
after(async () => {
  for (const { name } of await images.list())
    if (name !== undefined && names.includes(name)) await images.remove(name)
  rmSync(folder, { recursive: true })
})

/** A recipe in JSON, which is YAML as well. */
function recipe(name: string, rest: object): string {
  const path = join(folder, `${name}.yaml`)
  writeFileSync(path, JSON.stringify(rest))
  return path
}
/* sysvbanner and its like are small, and stand on nothing that base has not. */
const FIRST = recipe(one, { base: { recipe: 'base' }, packages: ['sysvbanner'] })
const SECOND = recipe(two, { base: { recipe: one }, files: [{ path: '/opt/note', content: 'written\n' }] })

interface Layered {
  readonly digest: string
  readonly layers: readonly { readonly digest: string }[]
}
const shown = async (name: string): Promise<Layered> => (await images.show(name)) as unknown as Layered
const layersOf = async (name: string): Promise<string[]> =>
  (await shown(name)).layers.map((layer) => layer.digest)

test('a recipe on top of others reuses their layers', async () => {
  await images.build(SECOND)
  const [base, first, second] = [await layersOf('base'), await layersOf(one), await layersOf(two)]
  assert.deepEqual(first.slice(0, base.length), base)
  assert.deepEqual(second.slice(0, first.length), first)
  assert.equal(first.length, base.length + 1)
  assert.equal(second.length, first.length + 1)
  const { out } = await inBox(glovebox, ['sh', '-c', 'cat /opt/note && banner x | wc -l'], { image: two })
  assert.match(out, /^written\n[1-9]/)
})

test('a rebuild with nothing changed does nothing, and a change of a file is one', async () => {
  const seen: Progress[] = []
  const again = await images.build(SECOND, { onProgress: (progress) => seen.push(progress) })
  assert.deepEqual([again.cached, seen], [true, []])
  const changed = recipe(two, { base: { recipe: one }, files: [{ path: '/opt/note', content: 'other\n' }] })
  const other = await images.build(changed, { onProgress: (progress) => seen.push(progress) })
  assert.equal(other.cached, false)
  assert.notEqual(other.digest, again.digest)
  assert.deepEqual(
    seen.map((progress) => progress.step),
    ['files'],
  )
})

/* A whole base more: once, by the ordinary user, is enough. */
if (process.getuid?.() !== 0)
  test('the same recipe, built anew from nothing, has the same digest; so has one on top of it', async () => {
    const before = [(await shown('base')).digest, (await shown(one)).digest]
    const anew = await images.build(FIRST, { noCache: true })
    assert.equal(anew.cached, false)
    assert.deepEqual([(await shown('base')).digest, anew.digest], before)
  })

test('the lock of a recipe file lies beside it, and is the one that is kept with the image', async () => {
  const { lockFile } = await images.build(FIRST)
  assert.equal(lockFile, join(folder, `${one}.lock.json`))
  assert.equal(readFileSync(lockFile, 'utf8'), await images.document(one, 'lock'))
  const lock = JSON.parse(readFileSync(lockFile, 'utf8'))
  const banner = lock.packages.find((found: { name: string }) => found.name === 'sysvbanner')
  assert.match(banner.version, /^\d/)
  assert.ok(lock.sources.length > 0 && lock.packages.length > 50)
})

test('a recipe that comes along has its lock written only where it is told', async () => {
  assert.equal((await images.build('base')).lockFile, undefined)
  const lockFile = join(folder, 'told.json')
  assert.equal((await images.build('base', { lockFile })).lockFile, lockFile)
  assert.equal(readFileSync(lockFile, 'utf8'), await images.document('base', 'lock'))
})

test('a locked build takes what is there, if it is what the lock says', async () => {
  assert.equal((await images.build(FIRST, { locked: true })).cached, true)
})

test('a locked build fails where the lock differs, names the package, and changes nothing', async () => {
  const before = await shown(one)
  const text = await images.document(one, 'lock')
  const lockFile = join(folder, 'tampered.json')
  const tampered = text.replace(/("name":"sysvbanner","version":)"[^"]+"/, '$1"0.1-1"')
  assert.notEqual(tampered, text)
  writeFileSync(lockFile, tampered)
  await assert.rejects(
    images.build(FIRST, { locked: true, lockFile }),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'LOCK_DIFFERS')
      assert.match(
        error.message,
        /one package differs from .*tampered\.json:\n {2}sysvbanner \(amd64\): locked 0\.1-1, found \d/,
      )
      return true
    },
  )
  assert.deepEqual(await shown(one), before)
  assert.equal(readFileSync(lockFile, 'utf8'), tampered)
  const { code, err } = cli(['image', 'build', '--locked', '--lock-file', lockFile, FIRST])
  assert.equal(code, 1)
  assert.match(err, /sysvbanner \(amd64\): locked 0\.1-1/)
})

test('a locked build without a lock, or with one that is none, says so', async () => {
  const lockFile = join(folder, 'none.json')
  await assert.rejects(images.build(FIRST, { locked: true, lockFile }), { code: 'LOCK_MISSING' })
  writeFileSync(lockFile, '{}')
  await assert.rejects(images.build(FIRST, { locked: true, lockFile }), { code: 'LOCK_INVALID' })
})

test('the command line prints the lock file and the bill of materials as they are kept', async () => {
  assert.equal(cli(['image', 'show', one, '--lock']).out, await images.document(one, 'lock'))
  assert.equal(cli(['image', 'show', one, '--sbom']).out, await images.document(one, 'sbom'))
  assert.equal(
    JSON.parse(cli(['image', 'show', one]).out).packages,
    JSON.parse(cli(['image', 'show', one, '--lock']).out).packages.length,
  )
  assert.equal(cli(['image', 'show', one, '--lock', '--sbom']).code, 2)
})

const DEAD = {
  http_proxy: 'http://127.0.0.1:9',
  HTTP_PROXY: 'http://127.0.0.1:9',
  no_proxy: '',
  NO_PROXY: '',
}
const UNBUILT = recipe('unbuilt', { base: { recipe: 'base' }, packages: ['sysvbanner', 'figlet'] })

test('without a mirror a build ends with the reason; offline it takes what is built', () => {
  const reached = cli(['image', 'build', FIRST], { env: DEAD })
  assert.equal(reached.code, 1)
  assert.match(reached.err, /Cannot ask the mirror what it holds: .*127\.0\.0\.1/)
  assert.match(cli(['image', 'build', '--offline', FIRST], { env: DEAD }).out, /nothing has changed/)
  const unbuilt = cli(['image', 'build', '--offline', UNBUILT], { env: DEAD })
  assert.equal(unbuilt.code, 1)
  assert.match(unbuilt.err, /Cannot build unbuilt offline: it is not built yet/)
})

const wrong: (readonly [claim: string, rest: object, code: string, named: RegExp])[] = [
  [
    'a package that does not exist',
    { base: { recipe: 'base' }, packages: ['no-such-package-at-all'] },
    'BUILD_STEP_FAILED',
    /Unable to locate package no-such-package-at-all/,
  ],
  ['a suite that does not exist', { base: { debian: 'trixy' } }, 'MIRROR_NO_SUITE', /suite trixy/],
  [
    'a mirror that does not answer',
    { base: { debian: { suite: 'trixie', mirror: 'http://127.0.0.1:9/debian' } } },
    'MIRROR_UNREACHABLE',
    /127\.0\.0\.1:9/,
  ],
]
/* It takes what a base takes: see above. */
if (process.getuid?.() !== 0)
  wrong.push([
    'a package of the base that does not exist',
    { base: { debian: 'trixie' }, packages: ['no-such-package-at-all'] },
    'BASE_BUILD_FAILED',
    /Unable to locate package no-such-package-at-all\.$/,
  ])
for (const [claim, rest, code, named] of wrong)
  test(`${claim} is named, and nothing is left`, async () => {
    const path = recipe('wrong', rest)
    await assert.rejects(images.build(path), (error: Error & { code?: string }) => {
      assert.equal(error.code, code, error.message)
      assert.match(error.message, named)
      return true
    })
    await assert.rejects(images.show('wrong'), { code: 'IMAGE_NOT_FOUND' })
    assert.ok(!existsSync(join(folder, 'wrong.lock.json')))
    assert.deepEqual(leftBy(process.pid), [])
  })

test('a build that is told to stop leaves nothing', async () => {
  const stop = new AbortController()
  const path = recipe('wrong', { base: { debian: 'trixie' } })
  await assert.rejects(
    images.build(path, { noCache: true, signal: stop.signal, onProgress: () => stop.abort() }),
    {
      name: 'AbortError',
    },
  )
  assert.deepEqual(leftBy(process.pid), [])
})

for (const [tool, code, reason] of [
  ['/usr/bin/mmdebstrap', 'BASE_BUILD_FAILED', /mmdebstrap ended with code 137/],
  ['/bin/tar', 'IMAGE_INVALID', /tar could not unpack a layer/],
] as const)
  test(`a base build whose ${tool} is killed is an error, and nothing is left`, async () => {
    const path = recipe('wrong', { base: { debian: 'trixie' } })
    const onProgress = (): void => killTool(tool)
    await assert.rejects(
      images.build(path, { noCache: true, onProgress }),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, code, error.message)
        assert.match(error.message, reason)
        return true
      },
    )
    assert.deepEqual(leftBy(process.pid), [])
  })

test('what a killed build leaves is gone after a cleaning, and the next build works', async () => {
  const path = recipe('wrong', { base: { debian: 'trixie' } })
  const child = spawn(LAUNCHER, ['image', 'build', path], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  for await (const line of createInterface(child.stderr)) if (line.startsWith('base')) child.kill('SIGKILL')
  await ended
  const { pid = 0 } = child
  assert.notDeepEqual(leftBy(pid), [])
  await glovebox.gc()
  assert.deepEqual(leftBy(pid), [])
  assert.deepEqual(childrenOf(pid), [])
  assert.equal((await images.build(FIRST)).cached, true)
})

/** Files in the making that belong to this process. */
function leftBy(pid: number): string[] {
  return readdirSync(join(currentPaths().store, 'tmp')).filter((name) => name.includes(`-${pid}-`))
}

function childrenOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`
  return existsSync(path) ? readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number) : []
}

/** Kills the holder of this process' job that runs the tool, which ends with it. */
function killTool(tool: string): void {
  for (const child of childrenOf(process.pid))
    if (readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(`\0--\0${tool}\0`))
      process.kill(child, 'SIGKILL')
}

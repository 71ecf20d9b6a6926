import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openContext } from '../../src/box/context.ts'
import { collectImages } from '../../src/image/gc.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'
import { ensureTools } from '../../src/image/tools-image.ts'
import { comparePolicy } from '../../src/image/tools-pending.ts'
import { isStaticProgram, type RememberVerified, takeProgram } from '../../src/image/tools-runtime.ts'
import { cli, inBox, readyGlovebox } from '../support/base-box.ts'
import { scratchStore } from '../support/scratch-store.ts'

const glovebox = await readyGlovebox()
const { store, ids, runJob, guest, paths } = openContext()
const folder = mkdtempSync(join(paths.cache, 'runtimes-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const context = {
  places: { ...store, runtimes: join(folder, 'runtimes') },
  ids,
  runJob,
  limits: ARCHIVE_LIMITS,
}
const tools = await ensureTools(context)

const hashOf = (path: string): string =>
  `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`
const seen: string[] = []
/** Remembers what was verified, as the learned facts do. */
const remember: RememberVerified = async (digest, stamp, verify) => {
  const key = `${digest} ${stamp}`
  if (seen.includes(key)) return true
  const sound = await verify()
  if (sound) seen.push(key)
  return sound
}

test('runsc is taken out of the tools image once, by many at the same time', async () => {
  const taken = await Promise.all(
    Array.from({ length: 4 }, () => takeProgram(context, tools, '/usr/bin/runsc', remember)),
  )
  assert.equal(new Set(taken.map(({ path }) => path)).size, 1)
  const [{ path, digest } = { path: '', digest: '' }] = taken
  assert.equal(hashOf(path), digest)
  assert.deepEqual(
    readdirSync(join(folder, 'runtimes')).filter((name) => name.endsWith('.lock')),
    [],
  )
})

test('a runtime that was changed on the disk is not run: it is taken anew', async () => {
  const { path, digest } = await takeProgram(context, tools, '/usr/bin/runsc', remember)
  const change = (file: string, text: string): void => {
    chmodSync(file, 0o755)
    writeFileSync(file, text)
  }
  change(path, '#!/bin/sh\necho other\n')
  assert.deepEqual(await takeProgram(context, tools, '/usr/bin/runsc', remember), { path, digest })
  assert.equal(hashOf(path), digest)
  change(`${path}.digest`, 'sha256:nonsense')
  assert.deepEqual(await takeProgram(context, tools, '/usr/bin/runsc', remember), { path, digest })
  rmSync(path)
  assert.deepEqual(await takeProgram(context, tools, '/usr/bin/runsc', remember), { path, digest })
  assert.equal(hashOf(path), digest)
})

test('what is verified is not read again, until something was done to the file', async () => {
  let reads = 0
  const count: RememberVerified = (digest, stamp, verify) =>
    remember(digest, stamp, () => {
      reads++
      return verify()
    })
  const { path } = await takeProgram(context, tools, '/usr/bin/runsc', count)
  assert.equal(reads, 0)
  chmodSync(path, 0o500)
  await takeProgram(context, tools, '/usr/bin/runsc', count)
  assert.equal(reads, 1)
})

test('only a static program of this machine is taken', async () => {
  const bytes = readFileSync(guest)
  assert.ok(isStaticProgram(bytes))
  assert.ok(!isStaticProgram(readFileSync('/bin/sh')), 'control: it takes libraries')
  await assert.rejects(takeProgram(context, tools, '/bin/bash', remember), { code: 'IMAGE_INVALID' })
  for (let length = 0; length < 1024; length += 7) isStaticProgram(bytes.subarray(0, length))
  for (let at = 0; at < 512; at++) {
    const broken = Buffer.from(bytes)
    broken[at] = 0xff
    isStaticProgram(broken)
  }
  assert.ok(!isStaticProgram(bytes.subarray(0, 64)))
})

test('the runtimes of a tools image go with it', async () => {
  await using own = scratchStore()
  const { places } = own.context
  mkdirSync(places.runtimes)
  for (const name of ['runsc', 'runsc.digest'])
    writeFileSync(join(places.runtimes, `${'0'.repeat(64)}-${name}`), '')
  assert.equal(await collectImages(own.context, []), 2)
  assert.deepEqual(readdirSync(places.runtimes), [])
})

test('a box of gVisor runs by the runsc of the tools image, and its plan says which', async () => {
  const request = { engine: 'gvisor', command: ['uname', '-r'] } as const
  const { plan, command } = await glovebox.boxes.plan(request)
  assert.ok(plan.runtime.path.startsWith(store.runtimes), plan.runtime.path)
  assert.equal(plan.runtime.digest, hashOf(plan.runtime.path))
  assert.match(plan.runtime.platform ?? '', /^(systrap|ptrace)$/)
  assert.ok(!command.includes('/usr/bin/runsc'))
  assert.ok(existsSync(plan.runtime.path))
  const { out, code } = await inBox(glovebox, request.command, request)
  assert.deepEqual([out, code], ['4.4.0\n', 0], 'the kernel that gVisor says it is')
  const status = (await glovebox.host.engines()).find(({ name }) => name === 'gvisor')
  assert.equal(status?.runtime?.version, plan.runtime.version)
  assert.equal(status?.missing, undefined)
})

test('doctor tells the versions of the tools image and whether updates are pending', () => {
  const { out, code } = cli(['doctor', '--updates', '--json'])
  assert.equal(code, 0, out)
  const levels = new Map(
    (JSON.parse(out) as { id: string; level: string }[]).map((one) => [one.id, one.level]),
  )
  assert.equal(levels.get('tools'), 'ok')
  for (const id of ['tools-age', 'tools-updates', 'gvisor']) assert.ok(levels.has(id), id)
})

const policy = `libc6:
  Installed: (none)
  Candidate: 2.41-12+deb13u1
  Version table:
     2.41-12+deb13u1 500
        500 http://deb.debian.org/debian-security trixie-security/main amd64 Packages
     2.41-12 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
bash:
  Installed: (none)
  Candidate: 5.2.37-2
  Version table:
     5.2.37-2 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
     5.2.37-1 500
        500 http://deb.debian.org/debian-security trixie-security/main amd64 Packages
gone:
  Installed: (none)
  Candidate: (none)
`
test('what the mirror has is compared with what is there, and told by its archive', () => {
  const one = (name: string, version: string) => ({ name, version, architecture: 'all' })
  assert.deepEqual(
    comparePolicy([one('libc6', '2.41-12+deb13u1'), one('gone', '1'), one('other', '1')], policy),
    [],
  )
  assert.deepEqual(
    comparePolicy([one('libc6', '2.41-12'), one('bash', '5.2.37-1')], policy).map(
      ({ name, candidate, security }) => [...[name, candidate], security],
    ),
    [
      ['libc6', '2.41-12+deb13u1', true],
      ['bash', '5.2.37-2', false],
    ],
  )
  assert.deepEqual(comparePolicy([one('libc6', '1')], 'libc6:\n\0\n  Candidate: \nxx:'), [])
})

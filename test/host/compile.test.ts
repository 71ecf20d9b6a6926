import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { GloveboxError } from '../../src/errors.ts'
import { compileProgram } from '../../src/host/compile.ts'

const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url))

async function folder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'glovebox-compile-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A package with one source file for the guest. */
async function packageWith(root: string, source: string): Promise<string> {
  await mkdir(join(root, 'package', 'guest', 'probe'), { recursive: true })
  await mkdir(join(root, 'package', 'guest', 'price'), { recursive: true })
  await writeFile(join(root, 'package', 'guest', 'main.c'), source)
  await writeFile(join(root, 'package', 'guest', 'probe', 'probe.c'), 'extern int probes;\n')
  await writeFile(join(root, 'package', 'guest', 'price', 'price.c'), 'extern int prices;\n')
  return join(root, 'package')
}

/** A $PATH that holds these programs of this machine and no other. */
async function pathWith(root: string, names: readonly string[]): Promise<string> {
  const bin = join(root, 'bin')
  await mkdir(bin)
  for (const name of names) await symlink(`/usr/bin/${name}`, join(bin, name))
  return bin
}

async function withPath<T>(path: string, action: () => Promise<T>): Promise<T> {
  const before = process.env['PATH']
  process.env['PATH'] = path
  try {
    return await action()
  } finally {
    process.env['PATH'] = before
  }
}

/** Types of the program headers (elf(5), p_type) and the file's own type. */
async function readElf(path: string): Promise<{ type: number; parts: readonly number[] }> {
  const file = await readFile(path)
  const [at, size, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(54), file.readUInt16LE(56)]
  const parts = Array.from({ length: count }, (_, index) => file.readUInt32LE(at + index * size))
  return { type: file.readUInt16LE(16), parts }
}

const [ET_DYN, PT_INTERP, PT_GNU_STACK, PT_GNU_RELRO] = [3, 3, 0x6474e551, 0x6474e552]

for (const name of ['guest', 'holder'] as const)
  test(`the ${name} is compiled as a static, position-independent, hardened program`, async () => {
    await using temporary = await folder()
    const path = await compileProgram(name, join(temporary.path, 'new', 'folder'), PACKAGE_ROOT)
    assert.equal(path, join(temporary.path, 'new', 'folder', `glovebox-${name}`))
    const { type, parts } = await readElf(path)
    assert.equal(type, ET_DYN)
    assert.ok(!parts.includes(PT_INTERP), 'a static program has no loader')
    assert.ok(parts.includes(PT_GNU_STACK) && parts.includes(PT_GNU_RELRO))
    assert.deepEqual(await readdir(join(temporary.path, 'new', 'folder')), [`glovebox-${name}`])
    assert.equal((await stat(path)).mode & 0o022, 0, 'nobody else may change it')
  })

test('the library that Node loads is hardened, too, and brings no C library along', async () => {
  await using temporary = await folder()
  const path = await compileProgram('handover', temporary.path, PACKAGE_ROOT)
  const { type, parts } = await readElf(path)
  assert.equal(type, ET_DYN)
  assert.ok(parts.includes(PT_GNU_STACK) && parts.includes(PT_GNU_RELRO))
  assert.ok((await stat(path)).size < 64 * 1024)
})

test('without musl-gcc the compiler of the machine makes a static program that runs', async () => {
  await using temporary = await folder()
  const bin = await pathWith(temporary.path, ['cc', 'as', 'ld'])
  const path = await withPath(bin, () => compileProgram('guest', temporary.path, PACKAGE_ROOT))
  assert.ok(!(await readElf(path)).parts.includes(PT_INTERP))
  await assert.rejects(promisify(execFile)(path, ['exec', '--', 'sh', '-c', 'exit 7']), { code: 7 })
})

test('without any compiler the error names the package to install', async () => {
  await using temporary = await folder()
  const bin = await pathWith(temporary.path, [])
  const attempt = withPath(bin, () => compileProgram('guest', temporary.path, PACKAGE_ROOT))
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof GloveboxError)
    assert.deepEqual([error.code, error.audience], ['COMPILER_MISSING', 'host'])
    assert.match(error.remedy ?? '', /apt-get install musl-tools/)
    return true
  })
})

test('a failed compilation carries the words of the compiler and leaves what was there', async () => {
  await using temporary = await folder()
  const out = join(temporary.path, 'out')
  await mkdir(out)
  await writeFile(join(out, 'glovebox-guest'), 'the one before')
  const root = await packageWith(temporary.path, 'int main(void) { return missing; }\n')
  await assert.rejects(compileProgram('guest', out, root), (error) => {
    assert.ok(error instanceof GloveboxError)
    assert.equal(error.code, 'COMPILE_FAILED')
    assert.match(error.message, /main\.c:1:\d+: error: .*missing/)
    return true
  })
  assert.deepEqual(await readdir(out), ['glovebox-guest'])
  assert.equal(await readFile(join(out, 'glovebox-guest'), 'utf8'), 'the one before')
})

test('a warning is an error', async () => {
  await using temporary = await folder()
  const root = await packageWith(temporary.path, 'int main(void) { int unused; return 0; }\n')
  await assert.rejects(compileProgram('guest', temporary.path, root), { code: 'COMPILE_FAILED' })
})

test('a package without the sources says so', async () => {
  await using temporary = await folder()
  await assert.rejects(compileProgram('guest', temporary.path, temporary.path), { code: 'SOURCES_MISSING' })
  await mkdir(join(temporary.path, 'guest'))
  await assert.rejects(compileProgram('guest', temporary.path, temporary.path), { code: 'SOURCES_MISSING' })
})

test('two that compile at once both get a whole program', async () => {
  await using temporary = await folder()
  const both = [1, 2].map(() => compileProgram('guest', temporary.path, PACKAGE_ROOT))
  for (const path of await Promise.all(both)) await promisify(execFile)(path, ['landlock'])
  assert.deepEqual(await readdir(temporary.path), ['glovebox-guest'])
})

test('an aborted compilation rejects with the reason and leaves nothing', async () => {
  await using temporary = await folder()
  const bin = join(temporary.path, 'bin')
  await mkdir(bin)
  await writeFile(join(bin, 'musl-gcc'), '#!/bin/sh\nexec /bin/sleep infinity\n')
  await chmod(join(bin, 'musl-gcc'), 0o755)
  const controller = new AbortController()
  const out = join(temporary.path, 'out')
  const attempt = withPath(bin, () => compileProgram('guest', out, PACKAGE_ROOT, controller.signal))
  controller.abort(new Error('enough'))
  await assert.rejects(attempt, { message: 'enough' })
  assert.deepEqual(await readdir(out), [])
})

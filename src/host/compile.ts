import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { GloveboxError } from '../errors.ts'
import { searchPath } from './search-path.ts'

/**
 * `holder` runs beside the user's processes, `guest` inside every box, `resolver` in a box's network; `handover` is a
 * library that Node loads.
 */
export type ProgramName = 'holder' | 'guest' | 'resolver' | 'handover'
export const PROGRAM_NAMES: readonly ProgramName[] = ['holder', 'guest', 'resolver', 'handover']

const SOURCE_FOLDERS: Readonly<Record<ProgramName, readonly string[]>> = {
  holder: ['native'],
  guest: ['guest', 'guest/probe', 'guest/price'],
  resolver: ['native/resolver'],
  handover: ['native/handover'],
}

/** Bytes of the compiler's words that an error carries. */
const MAX_WORDS = 16_384

interface Compiler {
  readonly command: string
  readonly words: (sources: readonly string[], output: string) => readonly string[]
}

const COMMON_WORDS = [
  ...['-std=c11', '-Wall', '-Wextra', '-Werror', '-O2'],
  ...['-fstack-protector-strong', '-D_FORTIFY_SOURCE=2'],
  ...['-Wl,-z,relro', '-Wl,-z,now', '-Wl,-z,noexecstack', '-s'],
]

/**
 * musl-gcc knows no -static-pie (its spec file always takes Scrt1.o), so the start files are named here: rcrt1.o
 * relocates the program itself. `-l:` finds them in the folder of musl's library, where that is on this machine.
 */
const MUSL: Compiler = {
  command: 'musl-gcc',
  words: (sources, output) => [
    ...[
      ...COMMON_WORDS,
      '-fPIE',
      '-static',
      '-nostartfiles',
      '-Wl,-pie,--no-dynamic-linker,-z,text',
      '-l:rcrt1.o',
      '-l:crti.o',
    ],
    ...[...sources, '-l:crtn.o', '-o', output],
  ],
}

const ANY: Compiler = {
  command: 'cc',
  words: (sources, output) => [...COMMON_WORDS, '-fPIE', '-static-pie', ...sources, '-o', output],
}

/** Of the C library that Node itself is linked with, so never by musl-gcc on a machine of another one. */
const LIBRARY: Compiler = {
  command: 'cc',
  words: (sources, output) => [
    ...[...COMMON_WORDS, '-fPIC', '-fvisibility=hidden', '-shared'],
    ...[...sources, '-o', output],
  ],
}

const COMPILERS: Readonly<Record<ProgramName, readonly Compiler[]>> = {
  holder: [MUSL, ANY],
  guest: [MUSL, ANY],
  resolver: [MUSL, ANY],
  handover: [LIBRARY],
}

/**
 * Compiles one of the project's C programs into `outDir` (made where missing) and returns its path, which is
 * `outDir/glovebox-NAME`. The file appears whole or not at all, also when two compile at once. The caller keys
 * `outDir` by the sources' version: nothing is compared here.
 *
 * @param packageRoot the folder that holds native/ and guest/
 * @throws GloveboxError COMPILER_MISSING, COMPILE_FAILED, SOURCES_MISSING; the signal's reason once it is aborted
 */
export async function compileProgram(
  name: ProgramName,
  outDir: string,
  packageRoot: string,
  signal?: AbortSignal,
): Promise<string> {
  const sources = await findSources(name, packageRoot)
  await mkdir(outDir, { recursive: true, mode: 0o700 })
  const output = join(outDir, `glovebox-${name}`)
  const unfinished = `${output}.${randomUUID()}`
  try {
    await compileWithFirst(COMPILERS[name], name, sources, unfinished, signal)
    await rename(unfinished, output)
  } finally {
    await rm(unfinished, { force: true })
  }
  return output
}

async function findSources(name: ProgramName, packageRoot: string): Promise<string[]> {
  const found: string[] = []
  for (const below of SOURCE_FOLDERS[name]) {
    const folder = join(packageRoot, below)
    const names = await readdir(folder).catch((cause: unknown) => {
      throw sourcesMissing(name, folder, cause)
    })
    const sources = names.filter((entry) => entry.endsWith('.c')).sort()
    if (sources.length === 0) throw sourcesMissing(name, folder)
    found.push(...sources.map((source) => join(folder, source)))
  }
  return found
}

function sourcesMissing(name: ProgramName, folder: string, cause?: unknown): GloveboxError {
  return new GloveboxError({
    code: 'SOURCES_MISSING',
    audience: 'internal',
    message: `Cannot compile glovebox-${name}: its sources are not in ${folder}.`,
    remedy: 'Install Glovebox again: the package is incomplete.',
    details: { folder },
    cause,
  })
}

async function compileWithFirst(
  compilers: readonly Compiler[],
  name: ProgramName,
  sources: readonly string[],
  output: string,
  signal?: AbortSignal,
): Promise<void> {
  for (const compiler of compilers) {
    const end = await runCompiler(compiler, sources, output, signal)
    if (end === 'missing') continue
    if (end.exitCode === 0) return
    throw new GloveboxError({
      code: 'COMPILE_FAILED',
      audience: 'host',
      message: `Cannot compile glovebox-${name}: ${compiler.command} failed:\n${end.words.trimEnd()}`,
      remedy: 'sudo apt-get install musl-tools gcc libc6-dev',
      details: { compiler: compiler.command, exitCode: end.exitCode, words: end.words },
    })
  }
  const names = compilers.map((compiler) => compiler.command)
  throw new GloveboxError({
    code: 'COMPILER_MISSING',
    audience: 'host',
    message: `Cannot compile glovebox-${name}: there is ${names.length === 1 ? 'no' : 'neither'} ${names.join(' nor ')} in PATH.`,
    remedy: 'sudo apt-get install musl-tools gcc libc6-dev',
    details: { compilers: names },
  })
}

interface CompilerEnd {
  readonly exitCode: number
  readonly words: string
}

function runCompiler(
  compiler: Compiler,
  sources: readonly string[],
  output: string,
  signal?: AbortSignal,
): Promise<CompilerEnd | 'missing'> {
  return new Promise((resolve, reject) => {
    const child = spawn(compiler.command, compiler.words(sources, output), {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: compilerEnvironment(),
      ...(signal === undefined ? {} : { signal }),
    })
    let words = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(0, MAX_WORDS)
    })
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') resolve('missing')
      else reject(signal?.aborted === true ? signal.reason : error)
    })
    child.once('close', (code) => resolve({ exitCode: code ?? 1, words }))
  })
}

/** Nothing that changes what is built (CPATH, LIBRARY_PATH, REALGCC), only where tools and temporary files lie. */
function compilerEnvironment(): NodeJS.ProcessEnv {
  const { TMPDIR } = process.env
  return { PATH: searchPath(), LC_ALL: 'C', ...(TMPDIR === undefined ? {} : { TMPDIR }) }
}

import { existsSync, readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild'
import { hashPrograms, readVersion } from '../src/host/build-info.ts'

/**
 * Bundles the sources of `root` into `outDir`: cli.cjs, run.cjs, explain.cjs, commands/NAME.cjs, sdk.js.
 * A command is a bundle of its own, so that starting one reads nothing of the others; so is each module of src/ that
 * is loaded by `import()` (parts/), so that starting a command reads nothing that it may come to need.
 *
 * @throws Error where the command line has commands but no main.ts, and esbuild's own for broken sources
 */
export async function bundle(root: string, outDir: string): Promise<void> {
  const cli = join(root, 'src/cli')
  const commands = sourcesIn(join(cli, 'commands'))
  const programs = Object.entries(PROGRAMS)
    .map(([out, name]) => ({ in: join(cli, name), out }))
    .filter((program) => existsSync(program.in))
  if (commands.length > 0 && !existsSync(join(cli, 'main.ts')))
    throw new Error(`Cannot build the command line: ${join(cli, 'main.ts')} is missing beside its commands.`)
  const common = commonOptions(root)
  await mkdir(outDir, { recursive: true })
  const results = await Promise.all([
    bundleCommandLine(root, programs, commands, outDir, common),
    bundleSdk(join(root, 'src/sdk.ts'), outDir, common),
  ])
  const warnings = results.flat().flatMap((result) => result?.warnings ?? [])
  if (warnings.length > 0)
    throw new Error(`Cannot build: esbuild warned ${warnings.length} times (see above).`)
}

/** What the launcher and the holder start, by the name of its bundle. */
const PROGRAMS: Readonly<Record<string, string>> = {
  cli: 'main.ts',
  run: 'main-run.ts',
  explain: 'explain.ts',
  lab: '../lab/process.ts',
}

const COMMON_JS: BuildOptions = { format: 'cjs', outExtension: { '.js': '.cjs' } }

function commonOptions(root: string): BuildOptions {
  return {
    bundle: true,
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
    legalComments: 'none',
    // Bundles name their sources relative to this folder, so they are the same wherever they are built.
    absWorkingDir: root,
    define: {
      __VERSION__: JSON.stringify(readVersion(root)),
      __PROGRAMS_HASH__: JSON.stringify(hashPrograms(root)),
    },
  }
}

function sourcesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}

/** The programs and commands, and then what they load later, what that loads later, and so on. */
async function bundleCommandLine(
  root: string,
  programs: { in: string; out: string }[],
  commands: string[],
  outDir: string,
  common: BuildOptions,
): Promise<(BuildResult | undefined)[]> {
  const parts = new LaterParts(root)
  const results = await Promise.all([
    bundleCommonJs(programs, outDir, './', common, parts),
    bundleCommonJs(commands, join(outDir, 'commands'), '../', common, parts),
  ])
  for (let found = parts.takeNew(); found.length > 0; found = parts.takeNew())
    results.push(await bundleCommonJs(found, join(outDir, 'parts'), '../', common, parts))
  return results
}

/** Modules of src/ that are met in an `import()`; each becomes one bundle, named by its path. */
class LaterParts {
  readonly #source: string
  readonly #taken = new Set<string>()
  readonly #new = new Set<string>()

  constructor(root: string) {
    this.#source = join(root, 'src')
  }

  takeNew(): { in: string; out: string }[] {
    const modules = [...this.#new]
    this.#new.clear()
    return modules.map((module) => ({ in: module, out: this.#nameOf(module) }))
  }

  #nameOf(module: string): string {
    return relative(this.#source, module).replace(/\.ts$/, '').replaceAll('/', '-')
  }

  plugin(toDist: string): Plugin {
    return {
      name: 'later-parts',
      setup: ({ onResolve }) => {
        onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
          if (kind !== 'dynamic-import') return undefined
          const module = join(resolveDir, path)
          if (!this.#taken.has(module)) this.#new.add(module)
          this.#taken.add(module)
          return { path: `${toDist}parts/${this.#nameOf(module)}.cjs`, external: true }
        })
      },
    }
  }
}

async function bundleCommonJs(
  entryPoints: string[] | { in: string; out: string }[],
  outdir: string,
  toDist: string,
  common: BuildOptions,
  parts: LaterParts,
): Promise<BuildResult | undefined> {
  if (entryPoints.length === 0) return undefined
  return build({
    ...common,
    ...COMMON_JS,
    entryPoints,
    outdir,
    plugins: [parts.plugin(toDist)],
    // import() becomes a require that is called later: the loader of modules costs more than all of a command.
    supported: { 'dynamic-import': false },
    define: {
      ...common.define,
      __BUNDLED__: 'true',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
  })
}

/** The SDK leaves the package's dependencies to the program that imports it, and loads its rarer parts when used. */
async function bundleSdk(entry: string, outdir: string, common: BuildOptions) {
  if (!existsSync(entry)) return undefined
  return build({
    ...common,
    format: 'esm',
    packages: 'external',
    splitting: true,
    entryPoints: [entry],
    outdir,
    chunkNames: 'sdk/[name]-[hash]',
  })
}

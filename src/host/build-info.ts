import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crypto } from './lazy.ts'

// What tools/bundle.ts puts in at build time; undeclared when Node runs the sources themselves.
declare const __VERSION__: string
declare const __PROGRAMS_HASH__: string

/**
 * The folder of the package: native/, guest/, recipes/ and dist/ lie in it. Found as the nearest folder above with a
 * package.json, as bundles lie at several depths of dist/.
 */
export function packageRoot(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** The version of package.json. */
export const VERSION: string = typeof __VERSION__ === 'string' ? __VERSION__ : readVersion(packageRoot())

/** 16 hex digits that change with any source of the C programs: what compiled programs are kept under. */
export function programsHash(): string {
  return PROGRAMS_HASH
}

const PROGRAMS_HASH: string =
  typeof __PROGRAMS_HASH__ === 'string' ? __PROGRAMS_HASH__ : hashPrograms(packageRoot())

/** Computes what {@link programsHash} tells from the sources in `root`. */
export function hashPrograms(root: string): string {
  const hash = crypto().createHash('sha256')
  for (const folder of [
    'native',
    'native/handover',
    'native/resolver',
    'guest',
    'guest/probe',
    'guest/price',
  ]) {
    const sources = readdirSync(join(root, folder)).filter((name) => /\.[ch]$/.test(name))
    for (const name of sources.sort()) {
      const content = readFileSync(join(root, folder, name))
      hash.update(`${folder}/${name} ${content.length}\n`).update(content)
    }
  }
  return hash.digest('hex').slice(0, 16)
}

/** Reads `version` of the package.json in `root`. */
export function readVersion(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return version
}

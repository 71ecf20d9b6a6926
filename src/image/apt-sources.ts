import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { DebianBase } from './recipe-types.ts'

/** One line of an apt configuration (sources.list(5)). */
export interface AptSource {
  readonly url: string
  readonly suite: string
  readonly components: readonly string[]
}

export interface Mirrors {
  readonly main: string
  readonly security: string
}

/** Where Debian itself says that its archive is found (deb.debian.org); a host with a mirror of its own goes before. */
const DEBIAN: Mirrors = {
  main: 'http://deb.debian.org/debian',
  security: 'http://deb.debian.org/debian-security',
}

/** Suites that have no security updates of their own, because they are always new. */
const ROLLING = /^(sid|unstable|experimental|rc-buggy)$/

/** The sources of a base: a release comes with its updates and security updates, as a default Debian has them. */
export function sourcesOf(base: DebianBase, mirrors: Mirrors): AptSource[] {
  const { suite, components } = base
  if (base.mirror !== undefined) return [{ url: base.mirror, suite, components }]
  const main = { url: mirrors.main, suite, components }
  if (ROLLING.test(suite)) return [main]
  return [
    main,
    { url: mirrors.main, suite: `${suite}-updates`, components },
    { url: mirrors.security, suite: `${suite}-security`, components },
  ]
}

/** One-line form (sources.list(5)). */
export const sourceLine = (source: AptSource): string =>
  `deb ${source.url} ${source.suite} ${source.components.join(' ')}`

/** The mirrors of a Debian host, so that a machine that only reaches its company's mirror can build. */
export function hostMirrors(): Mirrors {
  if (!/^ID=debian$/m.test(readText('/etc/os-release'))) return DEBIAN
  const folder = '/etc/apt/sources.list.d'
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(list|sources)$/.test(name)) : []
  const text = ['/etc/apt/sources.list', ...names.map((name) => `${folder}/${name}`)].map(readText).join('\n')
  return mirrorsIn(text)
}

/** Looks for the two archives by the names that every mirror of Debian has for them. */
export function mirrorsIn(text: string): Mirrors {
  const urls = text
    .split('\n')
    .filter((line) => /^\s*(deb\s|URIs:)/.test(line))
    .flatMap((line) => line.match(/https?:\/\/[^\s\]@]+/g) ?? [])
    .map((url) => url.replace(/\/+$/, ''))
  const ending = (name: string): string | undefined => urls.find((url) => url.endsWith(`/${name}`))
  return { main: ending('debian') ?? DEBIAN.main, security: ending('debian-security') ?? DEBIAN.security }
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

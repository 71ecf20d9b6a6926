import { readFileSync } from 'node:fs'

/** What /etc/os-release says (os-release(5)). */
export interface Distribution {
  /** `debian`, `ubuntu`, `fedora` */
  readonly id: string
  readonly version: string
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  readonly title: string
  /** Packages come from apt-get. */
  readonly debianFamily: boolean
}

export function parseOsRelease(text: string): Distribution {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? []
    if (name !== undefined && value !== undefined) fields.set(name, value.replace(/^(["'])(.*)\1$/, '$2'))
  }
  const id = fields.get('ID') ?? 'linux'
  const like = (fields.get('ID_LIKE') ?? '').split(' ')
  return {
    id,
    version: fields.get('VERSION_ID') ?? '',
    title: fields.get('PRETTY_NAME') ?? id,
    debianFamily: [id, ...like].includes('debian') || [id, ...like].includes('ubuntu'),
  }
}

export function readDistribution(): Distribution {
  try {
    return parseOsRelease(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    // A system without it is no Debian; packages are then named, and not installed.
    return parseOsRelease('')
  }
}

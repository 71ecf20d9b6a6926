/** Folders of the box's own or of one run only: their content never belongs to an image. */
const EMPTIED = /^(dev|proc|sys|run|tmp|var\/tmp|var\/cache\/apt|var\/lib\/apt\/lists|var\/cache\/man)\/./

/** What differs from build to build, or tells of the machine that built (reproducible-builds.org; mmdebstrap(1), cleanup). */
const OMITTED = new Set([
  'etc/.pwd.lock',
  'etc/group-',
  'etc/gshadow-',
  'etc/hostname',
  'etc/passwd-',
  'etc/resolv.conf',
  'etc/shadow-',
  'etc/subgid-',
  'etc/subuid-',
  'etc/.updated',
  'var/.updated',
  'var/cache/debconf/config.dat-old',
  'var/cache/debconf/templates.dat-old',
  'var/cache/ldconfig/aux-cache',
  'var/lib/dbus/machine-id',
  'var/lib/dpkg/available-old',
  'var/lib/dpkg/diversions-old',
  'var/lib/dpkg/statoverride-old',
  'var/lib/dpkg/status-old',
  'var/lib/dpkg/lock',
  'var/lib/dpkg/lock-frontend',
  'var/lib/dpkg/triggers/Lock',
  'var/lib/systemd/random-seed',
])

/** Each boot of a real machine makes its own where this file is empty (machine-id(5)); a package may have made one. */
export const replaced = (path: string): string | undefined => (path === 'etc/machine-id' ? '' : undefined)

/** Compiled Python is made anew where it is missing, and its bytes are not always the same. */
const GENERATED = /(^|\/)__pycache__(\/|$)|\.pyc$/

/** Log files go, their folders stay: programs count on them. */
export function isOmitted(path: string, isFolder: boolean): boolean {
  return (
    EMPTIED.test(path) ||
    OMITTED.has(path) ||
    GENERATED.test(path) ||
    (path.startsWith('var/log/') && !isFolder)
  )
}

/** A program of the distribution that Glovebox uses, and the Debian package that holds it. */
export interface Requirement {
  readonly program: string
  /** Where it lies, for what is no program. */
  readonly file?: string
  readonly debianPackage: string
  /** What does not work without it. */
  readonly use: string
  /** `choice`: one of those with the same use is enough. `network`: boxes without a network run without it. */
  readonly need: 'always' | 'choice' | 'network' | 'optional'
}

/** Everything that is asked of a distribution; doctor, setup and the errors speak of these alone. */
export const REQUIREMENTS: readonly Requirement[] = [
  { program: 'crun', debianPackage: 'crun', use: 'start boxes of engine container', need: 'choice' },
  { program: 'runc', debianPackage: 'runc', use: 'start boxes of engine container', need: 'choice' },
  { program: 'newuidmap', debianPackage: 'uidmap', use: 'give boxes user ids of their own', need: 'always' },
  { program: 'newgidmap', debianPackage: 'uidmap', use: 'give boxes group ids of their own', need: 'always' },
  {
    program: 'mmdebstrap',
    debianPackage: 'mmdebstrap',
    use: 'build images of Debian suites',
    need: 'always',
  },
  { program: 'skopeo', debianPackage: 'skopeo', use: 'fetch and import OCI images', need: 'always' },
  {
    program: 'musl-gcc',
    debianPackage: 'musl-tools',
    use: "compile Glovebox's own programs",
    need: 'choice',
  },
  { program: 'cc', debianPackage: 'gcc', use: "compile Glovebox's own programs", need: 'choice' },
  {
    program: 'cc',
    debianPackage: 'gcc',
    use: 'compile the library by which Node starts boxes',
    need: 'always',
  },
  /* gcc only recommends it, and setup installs no recommended packages. */
  {
    program: 'unistd.h',
    file: '/usr/include/unistd.h',
    debianPackage: 'libc6-dev',
    use: 'compile the library by which Node starts boxes',
    need: 'always',
  },
  { program: 'pasta', debianPackage: 'passt', use: 'connect boxes to a network', need: 'network' },
  {
    program: 'nft',
    debianPackage: 'nftables',
    use: 'hold a box to what its network may reach',
    need: 'network',
  },
  { program: 'ip', debianPackage: 'iproute2', use: "set up a box's network", need: 'network' },
  {
    program: 'sqfs2tar',
    debianPackage: 'squashfs-tools-ng',
    use: 'build recipes with an AppImage',
    need: 'optional',
  },
]

/** What pasta(1) and machines make their interfaces by. They do so as subordinate ids, so everybody must be able to open it. */
export const TUN_DEVICE = '/dev/net/tun'

/** What mmdebstrap checks the signatures of Debian's mirrors by; on Debian itself it is always there. */
export const KEYRING = {
  file: '/usr/share/keyrings/debian-archive-keyring.gpg',
  debianPackage: 'debian-archive-keyring',
} as const

/** The requirements that are not met; of a choice, the first one stands for all. */
export function unmet(
  has: (program: string) => boolean,
  requirements: readonly Requirement[] = REQUIREMENTS,
): Requirement[] {
  return requirements.filter((one) => {
    if (has(one.program)) return false
    if (one.need !== 'choice') return true
    const choices = requirements.filter((other) => other.need === 'choice' && other.use === one.use)
    return choices[0] === one && !choices.some((other) => has(other.program))
  })
}

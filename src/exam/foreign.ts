/** A ready command line of a sandbox that is not ours. */
export interface ForeignLine {
  /** As `--foreign` takes it, and as reports call it. */
  readonly name: string
  /** The program that it starts, by which is asked whether it is here. */
  readonly tool: string
  /**
   * `{}` is the path of the probe program on the host; `{root}` a folder with a small root file system that holds it as
   * /glovebox-probe; `{bundle}` an OCI bundle of that, as `runc spec` writes it.
   */
  readonly argv: readonly string[]
  /** Why these flags. */
  readonly from: string
  /** It works for root alone. */
  readonly rootOnly?: true
}

/** Every namespace that unshare(1) has. */
const UNSHARE = [
  '--user',
  '--map-root-user',
  '--mount',
  '--pid',
  '--fork',
  '--mount-proc',
  '--net',
  '--ipc',
  '--uts',
  '--cgroup',
]
const BWRAP_STRICT = [
  ...['--unshare-all', '--die-with-parent', '--new-session', '--clearenv', '--cap-drop', 'ALL'],
  ...[
    '--ro-bind',
    '/usr',
    '/usr',
    '--symlink',
    'usr/lib',
    '/lib',
    '--symlink',
    'usr/lib64',
    '/lib64',
    '--symlink',
    'usr/bin',
    '/bin',
  ],
  ...[
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
    '--ro-bind',
    '{}',
    '/glovebox-probe',
    '/glovebox-probe',
  ],
]
const FIREJAIL_STRICT = [
  ...[
    '--quiet',
    '--noprofile',
    '--private',
    '--private-dev',
    '--whitelist={}',
    '--net=none',
    '--ipc-namespace',
  ],
  ...[
    '--caps.drop=all',
    '--nonewprivs',
    '--noroot',
    '--nogroups',
    '--seccomp',
    '--nosound',
    '--dbus-user=none',
    '--dbus-system=none',
  ],
  ...['--x11=none', '--hostname=box', '--machine-id', '--disable-mnt', '{}'],
]
const PODMAN_STRICT = [
  '--network',
  'none',
  '--cap-drop',
  'all',
  '--security-opt',
  'no-new-privileges',
  '--read-only',
]
const NSPAWN_STRICT = ['--private-users=pick', '--private-network', '--no-new-privileges=yes', '--read-only']

/** Defaults beside what their own documentation recommends for what is not trusted. */
export const FOREIGN: readonly ForeignLine[] = [
  { name: 'plain', tool: 'env', argv: ['{}'], from: 'no sandbox at all' },
  {
    name: 'chroot',
    tool: 'chroot',
    argv: ['chroot', '{root}', '/glovebox-probe'],
    from: 'chroot(8)',
    rootOnly: true,
  },
  {
    name: 'unshare',
    tool: 'unshare',
    argv: ['unshare', ...UNSHARE, '{}'],
    from: 'unshare(1), every namespace',
  },
  {
    name: 'bwrap',
    tool: 'bwrap',
    argv: ['bwrap', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '{}'],
    from: 'bwrap(1), the least that starts',
  },
  {
    name: 'bwrap-strict',
    tool: 'bwrap',
    argv: ['bwrap', ...BWRAP_STRICT],
    from: 'bubblewrap README, "Limitations"',
  },
  {
    name: 'firejail',
    tool: 'firejail',
    // Root's own default is a profile for servers, with a /tmp of its own: the program would not be there.
    argv: ['firejail', '--quiet', '--profile=default', '{}'],
    from: 'firejail(1), its defaults for whoever is not root',
  },
  {
    name: 'firejail-strict',
    tool: 'firejail',
    argv: ['firejail', ...FIREJAIL_STRICT],
    from: 'firejail(1), the options for a program that is not trusted',
  },
  {
    name: 'nspawn',
    tool: 'systemd-nspawn',
    argv: [
      'systemd-nspawn',
      '--quiet',
      '--pipe',
      '--register=no',
      '--keep-unit',
      // It locks its tree, and the exam starts several at once: each has a copy.
      '--ephemeral',
      '-D',
      '{root}',
      '/glovebox-probe',
    ],
    from: 'systemd-nspawn(1), its defaults; --ephemeral lets several start at once',
    rootOnly: true,
  },
  {
    name: 'nspawn-strict',
    tool: 'systemd-nspawn',
    argv: [
      ...['systemd-nspawn', '--quiet', '--pipe', '--register=no', '--keep-unit', ...NSPAWN_STRICT],
      ...['-D', '{root}', '/glovebox-probe'],
    ],
    from: 'systemd-nspawn(1), "Security Options"',
    rootOnly: true,
  },
  {
    name: 'podman',
    tool: 'podman',
    argv: ['podman', 'run', '--rm', '-i', '--rootfs', '{root}', '/glovebox-probe'],
    from: 'podman-run(1), its defaults',
  },
  {
    name: 'podman-strict',
    tool: 'podman',
    argv: ['podman', 'run', '--rm', '-i', ...PODMAN_STRICT, '--rootfs', '{root}', '/glovebox-probe'],
    from: 'podman-run(1), for a program that is not trusted',
  },
  {
    name: 'docker',
    tool: 'docker',
    argv: ['docker', 'run', '--rm', '-i', '-v', '{}:/glovebox-probe:ro', 'debian', '/glovebox-probe'],
    from: 'docker-run(1), its defaults; needs a daemon and the image debian',
  },
  {
    name: 'runc',
    tool: 'runc',
    argv: ['runc', 'run', '--bundle', '{bundle}', '{id}'],
    from: 'runc-spec(8), as it writes it',
  },
  {
    name: 'crun',
    tool: 'crun',
    argv: ['crun', 'run', '--bundle', '{bundle}', '{id}'],
    from: 'crun(1), crun spec as it writes it',
  },
  {
    name: 'runsc',
    tool: 'runsc',
    argv: ['runsc', '--network=none', 'do', '{}'],
    from: 'runsc do, without network',
  },
  { name: 'sandbox-runtime', tool: 'srt', argv: ['srt', '{}'], from: 'sandbox-runtime README, its defaults' },
]

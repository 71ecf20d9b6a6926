import type { ResolvedImage } from '../../src/image/types.ts'
import type { BoxPlaces, HostView, MachineParts } from '../../src/plan/types.ts'

/** An image, a host and places of a box that are nobody's: for the tests of pure parts. */
export const image: ResolvedImage = {
  ref: 'base',
  digest: `sha256:${'a'.repeat(64)}` as ResolvedImage['digest'],
  trees: ['/store/trees/top/root', '/store/trees/low/root'],
  config: {
    user: 'user',
    workdir: '',
    env: ['LANG=C.UTF-8'],
    entrypoint: [],
    cmd: ['/bin/bash'],
    neededGrants: [],
    asksNetwork: false,
  },
  accounts: {
    users: [
      { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/sh' },
      { name: 'user', uid: 1000, gid: 1000, home: '/home/user', shell: '/bin/bash' },
    ],
    groups: [
      { name: 'user', gid: 1000, members: [] },
      { name: 'audio', gid: 29, members: ['user'] },
    ],
  },
}

const map = [{ inside: 0, outside: 100_000, length: 65_536 }]

export const host: HostView = {
  ids: { uids: map, gids: map, source: 'subordinate' },
  runtimes: {
    crun: { path: '/usr/bin/crun', version: '1.8.1' },
    runsc: { path: '/usr/bin/runsc', version: '0', platform: 'ptrace' },
  },
  enforceable: { processes: 'rlimit', 'open-files': 'rlimit', disk: 'tmpfs', wall: 'timer' },
  overlayOnTmpfs: true,
  openFilesMost: 4096,
}

export const places: BoxPlaces = {
  machineId: '00112233445566778899aabbccddeeff',
  id: '0123456789ab',
  name: undefined,
  engine: 'container',
  runtimes: ['crun', 'runc'],
  stateDir: '/state/boxes/0123456789ab',
  homeDir: undefined,
  terminal: false,
}

export const machine: MachineParts = {
  tools: {
    digest: `sha256:${'b'.repeat(64)}` as MachineParts['tools']['digest'],
    trees: ['/store/trees/tools/root'],
  },
  kernel: '/usr/bin/linux.uml',
  initramfs: '/store/disks/initramfs',
  imageDisk: '/store/disks/image',
  emptyDisk: '/store/disks/empty',
}

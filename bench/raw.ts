import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DryRun } from '../src/sdk.ts'

/** A command that is the raw OCI runtime on the same bundle, without Glovebox. */
export interface RawRuntime {
  readonly argv: (id: string) => string[]
}

/**
 * Puts the bundle of a dry run where the runtime alone can run it: the image's tree copied to a folder that the
 * subordinate ids can reach, and the id maps in the bundle itself, so that the runtime calls newuidmap(1) on its own.
 */
export function rawRuntime(dry: DryRun, folder: string): RawRuntime {
  chmodSync(folder, 0o755)
  const bundle = join(folder, 'bundle')
  mkdirSync(bundle, { mode: 0o755 })
  const rootfs = join(folder, 'tree', 'root')
  copyTree(dry, folder)
  const etc = join(folder, 'files')
  mkdirSync(etc)
  const { plan } = dry
  const config = {
    ...dry.bundle,
    root: { path: rootfs, readonly: false },
    mounts: dry.bundle.mounts.map((mount) => {
      if (mount.type !== 'bind') return mount
      const source = join(etc, mount.destination.replaceAll('/', '_'))
      if (mount.destination === '/run/glovebox/guest') return { ...mount, source: guestOf(dry) }
      writeFileSync(source, 'x\n')
      return { ...mount, source }
    }),
    linux: {
      ...dry.bundle.linux,
      namespaces: [...dry.bundle.linux.namespaces, { type: 'user' }, { type: 'network' }],
      uidMappings: plan.ids.uids.map((map) => ({
        containerID: map.inside,
        hostID: map.outside,
        size: map.length,
      })),
      gidMappings: plan.ids.gids.map((map) => ({
        containerID: map.inside,
        hostID: map.outside,
        size: map.length,
      })),
    },
  }
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))
  const words = plan.runtime.name === 'crun' ? ['--cgroup-manager=disabled'] : []
  const state = join(folder, 'state')
  return { argv: (id) => [plan.runtime.path, ...words, '--root', state, 'run', '--bundle', bundle, id] }
}

/** The guest must be reachable by the subordinate ids, too. */
function guestOf(dry: DryRun): string {
  const at = dry.command.findIndex((word) => word.endsWith('/glovebox-guest'))
  const copy = join('/tmp', `glovebox-bench-guest-${process.pid}`)
  spawnSync('install', ['-m', '755', dry.command[at] as string, copy])
  process.once('exit', () => spawnSync('rm', ['-f', copy]))
  return copy
}

/** By the holder: the tree belongs to subordinate ids. */
function copyTree(dry: DryRun, folder: string): void {
  const tree = join(folder, 'tree')
  mkdirSync(tree)
  chmodSync(tree, 0o777)
  const holder = dry.command[0] as string
  const lowest = dry.plan.image.trees.at(-1) as string
  const maps = dry.command.slice(2, dry.command.indexOf('--lower'))
  const done = spawnSync(
    holder,
    [
      'run',
      ...maps,
      '--ro',
      lowest,
      '/box/from',
      '--rw',
      tree,
      '/box/to',
      '--env',
      'PATH=/usr/bin:/bin',
      '--',
      '/bin/cp',
      '-a',
      '/box/from',
      '/box/to/root',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  if (done.status !== 0) throw new Error('The tree could not be copied for the raw runtime.')
}

/** Deletes what the subordinate ids own below `folder`. */
export function removeTree(dry: DryRun, folder: string): void {
  const maps = dry.command.slice(2, dry.command.indexOf('--lower'))
  spawnSync(dry.command[0] as string, [
    'run',
    ...maps,
    '--rw',
    join(folder, 'tree'),
    '/box/to',
    '--env',
    'PATH=/usr/bin:/bin',
    '--',
    '/bin/rm',
    '-rf',
    '/box/to/root',
  ])
}

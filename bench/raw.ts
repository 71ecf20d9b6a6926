import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DryRun } from '../src/sdk.ts'

/** A command that is the raw OCI runtime on the same bundle, without Glovebox. */
export interface RawRuntime {
  readonly argv: (id: string) => string[]
  /** Runs it once more, and returns its words. */
  readonly explain: (id: string) => string
}

/**
 * Puts the bundle of a dry run where the runtime alone can run it: the image's tree copied to a folder that the
 * subordinate ids can reach, and the id maps in the bundle itself, so that the runtime calls newuidmap(1) on its own.
 */
export function rawRuntime(dry: DryRun, folder: string): RawRuntime {
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
      if (mount.destination === '/run/glovebox') return { ...mount, source: programsOf(dry, folder) }
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
  const argv = (id: string): [string, ...string[]] => [
    ...([plan.runtime.path, ...words, '--root', state] as const),
    ...['run', '--bundle', bundle, id],
  ]
  const explain = (id: string): string => {
    const [program, ...rest] = argv(id)
    return spawnSync(program, rest, { encoding: 'utf8' }).stderr
  }
  return { argv, explain }
}

/** The guest must be reachable by the subordinate ids, too. */
function programsOf(dry: DryRun, folder: string): string {
  const guest = dry.command.find((word) => word.endsWith('/glovebox-guest'))
  if (guest === undefined) throw new Error('The command of a dry run names no guest program.')
  const programs = join(folder, 'programs')
  mkdirSync(programs, { mode: 0o755 })
  copyFileSync(guest, join(programs, 'guest'))
  chmodSync(join(programs, 'guest'), 0o755)
  return programs
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

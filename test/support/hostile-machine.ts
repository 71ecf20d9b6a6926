import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Box } from '../../src/box/box.ts'
import { openContext } from '../../src/box/context.ts'
import { readyMachine } from '../../src/box/machine.ts'
import { BoxProcess } from '../../src/box/process.ts'
import { planBox, readyBox } from '../../src/box/start.ts'
import { STATUS_FD, startSupervisor } from '../../src/box/supervisor-process.ts'
import { ENGINES } from '../../src/engine/index.ts'
import type { OciBundle } from '../../src/engine/oci.ts'
import type { Engine } from '../../src/engine/types.ts'
import { currentPaths } from '../../src/host/paths.ts'
import { ensureInitramfs } from '../../src/image/initramfs.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'
import { ensureTools } from '../../src/image/tools-image.ts'
import type { BoxRequest, EngineName, MachineParts, Plan } from '../../src/plan/types.ts'
import { compileProbe } from './base-box.ts'

/** A machine whose guest, or whose monitor, is an attacker's: all else is a box of the user's, by its very words. */
export interface Started extends AsyncDisposable {
  readonly box: Box
  readonly main: BoxProcess
}

const ROOT = join(import.meta.dirname, '..', '..')
const SOURCES = {
  init: [
    'test/attack/machine/hostile.c',
    'test/attack/machine/frames.c',
    ...['serve_root', 'network', 'serve_files', 'say', 'wire'].map((name) => `guest/${name}.c`),
  ],
  vmm: ['test/attack/machine/vmm.c'],
} as const

export type MachineName = Extract<EngineName, 'uml' | 'microvm' | 'vm'>

/** What an attacker has changed of a machine. */
export interface Change {
  /** The first process of the guest is test/attack/machine/hostile.c. */
  readonly guest?: 'hostile'
  /** A script of sh in the place of the virtual machine monitor, in its very jail; with it come /attacker/{vmm,probe}. */
  readonly monitor?: string
  /** What a guest is given to come up. */
  readonly bootSeconds?: number
  /** Holes, for controls: one of the host's folders under its own name, a capability, no filter of system calls. */
  readonly open?: { readonly folder?: string; readonly capability?: string; readonly calls?: true }
}

const LEAK = '/box/machine/leak'

/** The words of the monitor with another time for the boot. */
function hurried(words: readonly string[], bootSeconds: number | undefined): string[] {
  return words.map((word, at) =>
    bootSeconds !== undefined && words[at - 1] === '--boot-seconds' ? String(bootSeconds) : word,
  )
}

function opened(engine: Engine, { open = {}, bootSeconds }: Change): Engine {
  const bundle = (plan: Plan): OciBundle => {
    const { process, mounts, linux, ...rest } = engine.bundle(plan)
    const names = open.capability === undefined ? [] : [open.capability]
    const { seccomp, ...unfiltered } = linux
    return {
      ...rest,
      process: {
        ...process,
        args: hurried(process.args, bootSeconds),
        capabilities: {
          ...{ bounding: names, effective: names, inheritable: names, permitted: names, ambient: names },
        },
      },
      mounts:
        open.folder === undefined
          ? mounts
          : [...mounts, { destination: open.folder, type: 'bind', source: LEAK, options: ['bind', 'ro'] }],
      linux: (open.calls ? unfiltered : linux) as OciBundle['linux'],
    }
  }
  return { ...engine, bundle }
}

export interface Attacker extends Disposable {
  /** test/jail/probe on the host, for controls. */
  readonly probe: string
  start(engine: MachineName, change: Change, request?: BoxRequest): Promise<Started>
}

/** Compiles the hostile guest; what it adds to the user's store goes with it. */
export function openAttacker(): Attacker {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-attacker-'))
  chmodSync(folder, 0o755)
  for (const [name, sources] of Object.entries(SOURCES)) {
    const words = ['-std=c11', '-O1', '-static', '-Wall', '-Wextra', '-Werror', '-o', join(folder, name)]
    const built = spawnSync('musl-gcc', [...words, ...sources.map((path) => join(ROOT, path))], {
      encoding: 'utf8',
    })
    if (built.status !== 0) throw new Error(built.stderr)
  }
  const program = join(folder, 'init')
  const probe = compileProbe()
  const context = openContext(currentPaths())
  const images = { ...context, places: context.store, limits: ARCHIVE_LIMITS }
  const made = new Set<string>()

  const changed = async (engine: MachineName, parts: MachineParts, change: Change): Promise<MachineParts> => {
    if (change.monitor !== undefined) {
      const tree = mkdtempSync(join(folder, 'tree-'))
      const place = join(tree, engine !== 'uml' ? '/usr/bin/qemu-system-x86_64' : parts.kernel)
      mkdirSync(dirname(place), { recursive: true })
      writeFileSync(place, `#!/bin/sh\n${change.monitor}\n`)
      mkdirSync(join(tree, 'attacker'))
      copyFileSync(join(folder, 'vmm'), join(tree, 'attacker/vmm'))
      copyFileSync(probe.path, join(tree, 'attacker/probe'))
      spawnSync('chmod', ['-R', 'a+rX,a+x', tree])
      return { ...parts, tools: { ...parts.tools, trees: [tree, ...parts.tools.trees] } }
    }
    if (change.guest === undefined) return parts
    const tools = await ensureTools(images)
    const { path } = await ensureInitramfs(images, tools, ENGINES[engine].machine ?? 'uml', program)
    made.add(path)
    return { ...parts, initramfs: path }
  }

  return {
    probe: probe.path,
    async start(engine, change, request = {}) {
      const asked: BoxRequest = { command: ['true'], ...request, engine, terminal: false }
      const parts = await readyMachine(context, asked)
      if (parts === undefined) throw new Error(`${engine} is no machine`)
      const planned = planBox(context, asked, { machine: await changed(engine, parts, change) })
      const attacked = { ...planned, engine: opened(planned.engine, change) }
      const { record, command } = readyBox(context, attacked, {
        ...{ logged: false, statusFd: STATUS_FD, dieWithParent: true, explained: false, detached: false },
      })
      const leak = change.open?.folder === undefined ? [] : ['--ro', change.open.folder, LEAK]
      const at = command.indexOf('run') + 1
      const words: [string, ...string[]] = [
        command[0],
        ...command.slice(1, at),
        ...leak,
        ...command.slice(at),
      ]
      const started = await startSupervisor(words, ['pipe', 'pipe', 'pipe'], { detached: false })
      const main = new BoxProcess(started)
      const box = new Box(context, planned.stateDir, record)
      return { box, main, [Symbol.asyncDispose]: () => main[Symbol.asyncDispose]() }
    },
    [Symbol.dispose]() {
      for (const path of made) rmSync(path, { force: true })
      probe.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

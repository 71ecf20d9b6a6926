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
import { currentPaths } from '../../src/host/paths.ts'
import { ensureInitramfs } from '../../src/image/initramfs.ts'
import { ARCHIVE_LIMITS } from '../../src/image/tar-path.ts'
import { ensureTools } from '../../src/image/tools-image.ts'
import type { BoxRequest, EngineName, MachineParts } from '../../src/plan/types.ts'

/** A machine whose guest, or whose monitor, is an attacker's: all else is a box of the user's, by its very words. */
export interface Started extends AsyncDisposable {
  readonly box: Box
  readonly main: BoxProcess
}

const ROOT = join(import.meta.dirname, '..', '..')
const SOURCES = [
  'test/attack/machine/hostile.c',
  ...['serve_root', 'say', 'wire'].map((name) => `guest/${name}.c`),
]

export type MachineName = Extract<EngineName, 'uml' | 'vm'>

/** What an attacker has changed of a machine. */
export interface Change {
  /** The first process of the guest is test/attack/machine/hostile.c. */
  readonly guest?: 'hostile'
  /** A script of sh in the place of the virtual machine monitor, in its very jail. */
  readonly monitor?: string
}

export interface Attacker extends Disposable {
  start(engine: MachineName, change: Change, request?: BoxRequest): Promise<Started>
}

/** Compiles the hostile guest; what it adds to the user's store goes with it. */
export function openAttacker(): Attacker {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-attacker-'))
  chmodSync(folder, 0o755)
  const program = join(folder, 'init')
  const words = ['-std=c11', '-O1', '-static', '-Wall', '-Wextra', '-Werror', '-o', program]
  const built = spawnSync('musl-gcc', [...words, ...SOURCES.map((path) => join(ROOT, path))], {
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(built.stderr)
  const context = openContext(currentPaths())
  const images = { ...context, places: context.store, limits: ARCHIVE_LIMITS }
  const made = new Set<string>()

  const changed = async (engine: MachineName, parts: MachineParts, change: Change): Promise<MachineParts> => {
    if (change.monitor !== undefined) {
      const tree = mkdtempSync(join(folder, 'tree-'))
      const place = join(tree, engine === 'vm' ? '/usr/bin/qemu-system-x86_64' : parts.kernel)
      mkdirSync(dirname(place), { recursive: true })
      writeFileSync(place, `#!/bin/sh\n${change.monitor}\n`)
      copyFileSync(program, join(tree, 'init'))
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
    async start(engine, change, request = {}) {
      const asked: BoxRequest = { command: ['true'], ...request, engine, terminal: false }
      const parts = await readyMachine(context, asked)
      if (parts === undefined) throw new Error(`${engine} is no machine`)
      const planned = planBox(context, asked, { machine: await changed(engine, parts, change) })
      const { record, command } = readyBox(context, planned, {
        ...{ logged: false, statusFd: STATUS_FD, dieWithParent: true, explained: false, detached: false },
      })
      const started = await startSupervisor(command, ['pipe', 'pipe', 'pipe'], { detached: false })
      const main = new BoxProcess(started)
      const box = new Box(context, planned.stateDir, record)
      return { box, main, [Symbol.asyncDispose]: () => main[Symbol.asyncDispose]() }
    },
    [Symbol.dispose]() {
      for (const path of made) rmSync(path, { force: true })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

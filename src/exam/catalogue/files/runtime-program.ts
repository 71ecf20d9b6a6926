import { chmodSync, copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { spawnTool } from '../../../host/spawn.ts'
import type { Scene } from '../../scene.ts'
import type { Session } from '../../session.ts'
import { byWitness } from '../../sightings.ts'
import type { Place, Probe, Trap } from '../../types.ts'
import { keptName, runGlovebox } from './kept-name.ts'
import { executableOf, identityOfFile, treeOf } from './process-tree.ts'

/** What enters a container of ours anew at each `glovebox exec`. */
const RUNTIMES = ['crun', 'runc', 'runsc']
const WATCH_MS = 20_000

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  const mark = scene.nonce().slice(0, 12)
  const copy = join(scene.folder, `runtime-${mark}`)
  copyFileSync(scene.program, copy)
  chmodSync(copy, 0o755)
  const kept = keptName(scene, 'box')
  return {
    launch: { root: true, options: ['--keep', kept.name] },
    attempt: async (inside, place) => {
      const targets = executables(scene, inside, [copy])
      const held = inside.hold('file-watch-exe', [String(WATCH_MS), ...targets], { timeoutMs: 30_000 })
      await held.until('watching')
      if (canary) await comeAndGo(scene, place, copy, mark, kept.name)
      await new Promise((resolve) => setTimeout(resolve, 100)) // it looks every 2 ms
      const answer = await held.release()
      const opened = targets.some((target) => answer.text.includes(`opened ${target.replace(':', ' ')}\n`))
      return byWitness(opened, answer, 'opened a program of the host for writing that had come and gone')
    },
    [Symbol.asyncDispose]: async () => {
      await kept[Symbol.asyncDispose]()
      rmSync(copy, { force: true })
    },
  }
}

/** The programs outside that the box is made by, but for the probe itself, which the box is given. */
function executables(scene: Scene, inside: Session, more: readonly string[]): string[] {
  const tools = RUNTIMES.flatMap((name) => scene.host.tool(name) ?? [])
  const given = new Set(
    ['glovebox-guest', 'glovebox-probe'].map((name) => identityOfFile(join(scene.folder, name))),
  )
  const found = [...treeOf(inside.pid).map(executableOf), ...[...tools, ...more].map(identityOfFile)]
  return [...new Set(found.flatMap((one) => (one === undefined || given.has(one) ? [] : [one])))].slice(0, 48)
}

/** A program of the host runs and ends; in a box of ours a further command is run too, which its runtime enters for. */
async function comeAndGo(scene: Scene, place: Place, copy: string, mark: string, box: string): Promise<void> {
  await spawnTool([copy, 'probe', 'left-sleep', mark, '1'])
  if (place.kind !== 'box' || place.subject.kind !== 'engine') return
  await runGlovebox(scene, ['exec', box, '--', '/run/glovebox/guest', 'probe', 'echo', mark])
}

export const runtimeProgram: Probe = {
  id: 'files-runtime-program',
  number: 14,
  asset: 'files',
  title: 'overwrite the program that starts your boxes',
  tries:
    'Keeps /proc/PID/exe of what enters the box, or is seen from it, and opens it for writing when it has ended; the host compares which file that was. Nothing is written.',
  attacker: 'root in the box',
  severity: 'escape',
  standsFor: ['CVE-2019-5736'],
  closing:
    'Enter the box by a sealed copy of the runtime (memfd_create(2)), under ids that may not write it.',
  price: 'A start takes some milliseconds more.',
  holes: ['pid', 'user'],
  plant,
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { currentPaths } from '../../../host/paths.ts'
import { spawnTool, type ToolResult } from '../../../host/spawn.ts'
import { FORGET } from '../../leftovers.ts'
import type { Scene } from '../../scene.ts'

/** Runs a command of this very Glovebox to its end. */
export function runGlovebox(scene: Scene, words: readonly string[]): Promise<ToolResult> {
  return spawnTool([...scene.glovebox, ...words] as [string, ...string[]], { signal: scene.signal })
}

/** The name of a kept box or home that a probe has for a while. */
export interface KeptName extends AsyncDisposable {
  readonly name: string
  /** Where it lies on the host, once a box has been started with it. */
  readonly folder: string
}

/** Deleted with the trap, where a box was ever started with it. */
export function keptName(scene: Scene, kind: 'box' | 'home'): KeptName {
  const name = `exam-canary-${scene.nonce().slice(0, 12)}`
  scene.remember({ kind, name })
  const { kept, homes } = currentPaths().boxes
  const folder = join(kind === 'box' ? kept : homes, name)
  return {
    ...{ name, folder },
    [Symbol.asyncDispose]: async () => {
      if (!existsSync(folder)) return
      const { exitCode, stderr } = await runGlovebox(scene, [...FORGET[kind], name])
      if (exitCode !== 0) throw new Error(`the kept ${kind} ${name} cannot be deleted: ${stderr.trim()}`)
    },
  }
}

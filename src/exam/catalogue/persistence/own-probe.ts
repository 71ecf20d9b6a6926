import { spawnTool, type ToolResult } from '../../../host/spawn.ts'
import type { Scene } from '../../scene.ts'
import type { Launch, Place } from '../../types.ts'

/** What several leave behind in one session, as whom the box has it, or as root. */
export const LEAVES: Launch = { key: 'to be left', ends: true }
export const LEAVES_AS_ROOT: Launch = { key: 'to be left by root', ends: true, root: true }

/** Runs a verb of the probe program on the host, in this process' own session, namespaces and keyring. */
export function runOnHost(scene: Scene, verb: string, words: readonly string[]): Promise<ToolResult> {
  return spawnTool([scene.program, 'probe', verb, ...words])
}

/** Milliseconds in which a sandbox that has ended may still be tidying up; nobody tidies up behind a control. */
const TIDY_MS = { box: 4000, holed: 200, bare: 200 }

/** Whether something is still there when whoever could take it away has had the time. */
export async function staysThere(
  { kind }: Place,
  isThere: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const end = performance.now() + TIDY_MS[kind]
  while (await isThere()) {
    if (performance.now() > end) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

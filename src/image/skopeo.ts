import { accessSync, constants } from 'node:fs'
import { spawnTool, type ToolOptions, type ToolResult } from '../host/spawn.ts'

/** Where skopeo looks for a user's words with registries, who has no XDG_RUNTIME_DIR (containers-auth.json(5)). */
const SHARED = '/run/containers'

/**
 * Runs skopeo(1). Root's podman makes {@link SHARED} for root alone, and skopeo takes a file that it may not look for as an
 * error, and not as one that is missing: such a user's words with registries are then looked for in `scratch`, and none are there.
 *
 * @param scratch a folder of the caller's
 * @throws GloveboxError TOOL_MISSING
 */
export function spawnSkopeo(
  words: readonly string[],
  scratch: string,
  options: Pick<ToolOptions, 'signal'> = {},
): Promise<ToolResult> {
  const env =
    process.env['XDG_RUNTIME_DIR'] === undefined && closed(SHARED) ? { XDG_RUNTIME_DIR: scratch } : {}
  return spawnTool(['skopeo', ...words], { ...options, env })
}

function closed(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES'
  }
}

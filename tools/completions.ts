import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Command } from '../src/cli/command.ts'
import { COMMANDS } from '../src/cli/command-list.ts'
import { COMPLETIONS } from '../src/cli/completion/index.ts'

/** The completions that come with the package, where distributions look for them. */
export const COMPLETION_FILES = [
  { shell: 'bash', file: 'share/completions/glovebox.bash' },
  { shell: 'zsh', file: 'share/completions/_glovebox' },
  { shell: 'fish', file: 'share/completions/glovebox.fish' },
] as const

const load = createRequire(import.meta.filename)

export function writeCompletion(shell: (typeof COMPLETION_FILES)[number]['shell']): string {
  const commands = COMMANDS.map(
    ({ file }) => (load(`../src/cli/commands/${file}.ts`) as { readonly command: Command }).command,
  )
  return COMPLETIONS[shell]?.(commands) ?? ''
}

/* Run as a program, it writes them anew; a test fails where a file is not what the commands say. */
if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  mkdirSync(join(root, 'share/completions'), { recursive: true })
  for (const { shell, file } of COMPLETION_FILES) writeFileSync(join(root, file), writeCompletion(shell))
}

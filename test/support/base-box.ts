import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BoxRequest } from '../../src/sdk.ts'
import { Glovebox } from '../../src/sdk.ts'

export const LAUNCHER = join(import.meta.dirname, '..', '..', 'bin', 'glovebox')

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** What the tests of boxes stand on: the image `base`, real, in the store of the user who tests. */
export async function readyGlovebox(): Promise<Glovebox> {
  const setup = spawnSync(LAUNCHER, ['setup', '--yes'], { encoding: 'utf8' })
  if (setup.status !== 0) throw new Error(`glovebox setup failed: ${setup.stderr}`)
  const glovebox = new Glovebox()
  await glovebox.images.build('base')
  return glovebox
}

/** Runs one command in a new box, through the SDK. */
export async function inBox(
  glovebox: Glovebox,
  command: readonly string[],
  request: BoxRequest = {},
  input = '',
): Promise<Outcome> {
  const { main } = await glovebox.boxes.start({ ...request, command })
  main.stdin.end(input)
  const { exitCode, stdout, stderr } = await main.result()
  return { code: exitCode, out: stdout.toString(), err: stderr.toString() }
}

/** The whole command line, as a person runs it. */
export function cli(
  words: readonly string[],
  options: { readonly input?: string; readonly env?: Record<string, string> } = {},
): Outcome {
  const done = spawnSync(LAUNCHER, [...words], {
    encoding: 'utf8',
    input: options.input ?? '',
    env: { ...process.env, ...options.env },
  })
  return { code: done.status ?? 128, out: done.stdout, err: done.stderr }
}

/** The static program of test/jail/probe, compiled into a folder that anyone may enter. */
export function compileProbe(): { readonly path: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'glovebox-probe-'))
  const sources = ['main', 'call', 'ipc', 'use', 'socket', 'terminal'].map((name) =>
    join(import.meta.dirname, '..', 'jail', 'probe', `${name}.c`),
  )
  const path = join(folder, 'probe')
  const built = spawnSync('musl-gcc', ['-std=gnu11', '-O1', '-static', '-o', path, ...sources], {
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(built.stderr)
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

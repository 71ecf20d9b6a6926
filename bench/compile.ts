import { spawnSync } from 'node:child_process'

/** Compiles a small program of the benchmark's. */
export function compile(source: string, program: string, words: readonly string[] = []): string {
  const built = spawnSync('cc', ['-O2', '-Wall', '-Wextra', '-Werror', ...words, '-o', program, source], {
    stdio: 'inherit',
  })
  if (built.status !== 0) throw new Error(`The C compiler could not build ${source}: is gcc installed?`)
  return program
}

import { join } from 'node:path'
import { packageRoot } from '../host/build-info.ts'

// Put in by tools/bundle.ts; undeclared when Node runs the sources themselves.
declare const __BUNDLED__: boolean

/** The words that run the lab's own process (LabOptions.self), from the package as from its sources. */
export function labProgram(): string[] {
  const file = typeof __BUNDLED__ === 'boolean' ? 'dist/lab.cjs' : 'src/lab/process.ts'
  return [process.execPath, join(packageRoot(), file)]
}

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { judgeLayers } from './layers.ts'

// check-layers [ROOT]: refuses imports of ROOT/src that point up, sideways or in a circle (docs/architecture.md).

/** Fewer modules than this mean that the check looked in the wrong place, and a check of nothing looks green. */
const FEWEST_MODULES = 21

const src = join(process.argv[2] ?? join(import.meta.dirname, '..'), 'src')
const modules = globSync('**/*.ts', { cwd: src }).sort()
const sources = new Map(modules.map((module) => [module, readFileSync(join(src, module), 'utf8')]))
const complaints = judgeLayers(sources).map(({ module, reason }) => `src/${module} ${reason}`)
if (modules.length < FEWEST_MODULES)
  complaints.push(`only ${modules.length} modules lie in ${src}: at least ${FEWEST_MODULES} were expected`)
for (const complaint of complaints) process.stderr.write(`layers: ${complaint}\n`)
if (complaints.length > 0) process.exitCode = 1
else process.stdout.write(`layers: ${modules.length} modules import downwards only\n`)

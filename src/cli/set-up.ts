import { printable } from '../policy/quote.ts'
import type { Host } from '../sdk.ts'
import { ask } from './ask.ts'
import { printJson, printLine } from './print.ts'
import { withProgress } from './progress.ts'

export interface SetUpOptions {
  readonly yes: boolean
  readonly 'dry-run': boolean
  readonly json: boolean
}

/** Lists what is missing, asks where it changes the system, and does it. */
export async function setUp(
  host: Host,
  options: SetUpOptions,
  signal: () => AbortSignal,
): Promise<number | undefined> {
  const plan = await host.planSetup()
  if (options['dry-run'] && options.json) return printJson(plan.steps)
  if (plan.steps.length === 0) return printLine('Nothing is missing on this machine.')
  process.stderr.write('This is missing on this machine:\n')
  for (const { what, why, commands } of plan.steps) {
    process.stderr.write(`  - ${what}: ${why}\n`)
    for (const words of commands) process.stderr.write(`      ${words.map(printable).join(' ')}\n`)
  }
  if (options['dry-run']) return undefined
  const asksRoot = plan.steps.some(({ commands }) => commands.length > 0)
  const stop = signal()
  if (asksRoot && !options.yes && !(await ask('Do all of this?', stop))) return 1
  const results = await withProgress((onProgress) => plan.run({ onProgress, signal: stop }))
  for (const { what, failed } of results)
    if (failed !== undefined) process.stderr.write(`Left out: ${what} (${printable(failed)})\n`)
  return undefined
}

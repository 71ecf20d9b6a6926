import { printable } from '../policy/quote.ts'
import type { Box, DryRun, Plan } from '../sdk.ts'
import { describePolicy } from '../sdk.ts'
import { printJson, printLine } from './print.ts'
import { bytesInWords } from './text.ts'

type MachinePlan = NonNullable<Plan['machine']>

/** `--dry-run`: the frozen plan and the bundle, for people or as JSON. */
export function showPlan(dryRun: DryRun, json: boolean): undefined {
  if (json) return printJson(dryRun)
  const { plan } = dryRun
  const { process: own, runtime, image, storage } = plan
  const rows: [string, string][] = [
    ['Box', `${plan.box.name ?? plan.box.id}, called ${plan.box.hostname} inside`],
    [
      'Engine',
      `${plan.engine} (${runtime.name} ${runtime.version}${runtime.platform ? `, ${runtime.platform}` : ''})`,
    ],
    ['Image', `${image.ref}  ${image.digest}`],
    ['Command', own.args.join(' ')],
    ['User', `${own.user.name} (${own.user.uid}:${own.user.gid}), in ${own.cwd}`],
    [
      'Ids',
      plan.ids.uids.map((map) => `${map.inside} is ${map.outside} here (${map.length} ids)`).join(', '),
    ],
    ['Writes', storage.upper.kind === 'tmpfs' ? 'to memory, gone with the box' : `to ${storage.upper.path}`],
  ]
  if (plan.machine !== undefined) rows.push(['Machine', machineWords(plan.machine)])
  if (storage.home !== undefined)
    rows.push(['Home', `kept as ${storage.home.name}, at ${storage.home.target}`])
  for (const [name, value] of rows) printLine(`${name.padEnd(9)}${printable(value)}`)
  for (const note of plan.notes) printLine(`Note     ${printable(note)}`)
  printLine(`\n${describePolicy(plan.policy, plan.enforcement).trimEnd()}`)
  printLine('\nThe bundle (OCI runtime specification), and what would be executed: --dry-run --json')
  return undefined
}

function machineWords({ memoryBytes, diskBytes, snapshot }: MachinePlan): string {
  const size = `${bytesInWords(memoryBytes)} of memory, one processor, a disk of ${bytesInWords(diskBytes)}`
  return snapshot === undefined ? size : `${size}; goes on from a kept memory`
}

/** `--detach`: says how to reach the box from now on. */
export function showDetached(box: Box, json: boolean): undefined {
  if (json) printJson(box.summary())
  else printLine(box.id)
  return undefined
}

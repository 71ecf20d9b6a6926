import { printable } from '../../policy/quote.ts'
import type { Finding } from '../../sdk.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'
import { withProgress } from '../progress.ts'
import { hasColour, type Style, styled } from '../text.ts'

export const command = defineCommand({
  name: 'doctor',
  summary: 'Say what works on this machine, and the command that mends what does not',
  usage: '[--updates] [--again] [--json]',
  about: `Looks at this machine and tries what can be tried: the jail, gVisor, KVM, each limit; says what is in the tools \
image, and how old it is. Every problem comes with the \
command that mends it. The exit code is 1 where a problem keeps boxes from running, else 0.`,
  options: {
    updates: { help: 'Ask the mirror whether updates of the tools image are pending' },
    again: { help: 'Try KVM anew, whatever is remembered of it' },
    json: { help: 'Print JSON' },
  },
  positionals: { least: 0, most: 0, names: [] },
  examples: [
    { command: 'glovebox doctor', does: 'See whether boxes can run here' },
    { command: 'glovebox doctor --json', does: 'For a program; glovebox setup mends what it finds' },
    {
      command: 'glovebox doctor --updates',
      does: 'See whether security updates of QEMU or gVisor are pending',
    },
  ],
  run: async ({ options }, { signal }) => {
    const question = { updates: options.updates, again: options.again, signal: signal() }
    const { host } = new Glovebox()
    const findings = await withProgress((onProgress) => host.doctor({ ...question, onProgress }))
    const problems = findings.filter(({ level }) => level === 'problem').length
    if (options.json) printJson(findings)
    else {
      for (const finding of findings) printFinding(finding)
      printLine(
        problems === 0
          ? '\nBoxes can run on this machine.'
          : `\n${problems === 1 ? 'A problem keeps' : `${problems} problems keep`} boxes from running here; what mends it is behind the arrow.`,
      )
    }
    return problems === 0 ? 0 : 1
  },
})

const MARKS: Readonly<Record<Finding['level'], readonly [mark: string, style: Style]>> = {
  ok: ['✓', 'green'],
  advice: ['!', 'yellow'],
  problem: ['✗', 'red'],
}

function printFinding({ level, says, remedy }: Finding): void {
  const [mark, style] = MARKS[level]
  printLine(`${styled(mark, style, hasColour(process.stdout))} ${printable(says)}`)
  for (const line of remedy?.split('\n') ?? []) printLine(`  → ${printable(line)}`)
}

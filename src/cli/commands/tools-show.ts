import { Glovebox, type ToolsFacts } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine, printTable } from '../print.ts'
import { shortDigest } from '../text.ts'

export const command = defineCommand({
  name: 'tools show',
  summary: 'Show the virtual machine monitors and guest kernels, with their versions',
  usage: '[--json]',
  about: `Boxes of gVisor and in virtual machines use none of this machine's own: runsc, QEMU, User-Mode Linux and the \
kernels of guests come from an image of Glovebox's own, which the first such box builds. This lists what is in it.`,
  options: { json: { help: 'Print JSON' } },
  positionals: { least: 0, most: 0, names: [] },
  examples: [{ command: 'glovebox tools show', does: 'See the versions, and when they were built' }],
  run: async ({ options }) => {
    const facts = await new Glovebox().tools.show()
    return options.json ? printJson(facts) : printTools(facts)
  },
})

const WORDS = {
  qemu: 'QEMU',
  kernel: 'Linux for virtual machines',
  uml: 'User-Mode Linux',
  runsc: 'gVisor',
} as const

export function printTools({ digest, builtAt, packagesAsOf, programs }: ToolsFacts): undefined {
  printTable(
    ['WHAT', 'VERSION', 'PACKAGE'],
    programs.map((one) => [
      WORDS[one.what],
      one.release === undefined ? one.version : `${one.version} (${one.release})`,
      one.package,
    ]),
  )
  const asOf = packagesAsOf === undefined ? '' : `, from packages of ${packagesAsOf}`
  return printLine(`\n${shortDigest(digest)}, built ${builtAt}${asOf}`)
}

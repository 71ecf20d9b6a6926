import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  name: 'snapshot remove',
  summary: 'Remove kept memories of machines',
  usage: 'ID…',
  about: 'Removes kept memories of machines, by id or its beginning. Boxes that came of them go on.',
  options: {},
  positionals: { least: 1, most: 100, names: ['ID'] },
  examples: [{ command: 'glovebox snapshot remove 3f2a', does: 'Remove the one whose id begins so' }],
  run: async ({ words }) => {
    const { snapshots } = new Glovebox()
    for (const id of words) await snapshots.remove(id)
    return undefined
  },
})

import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printJson, printLine } from '../print.ts'
import { withProgress } from '../progress.ts'

export const command = defineCommand({
  name: 'image build',
  summary: 'Build an image from a recipe',
  usage: '[OPTIONS] RECIPE',
  about: `Builds RECIPE: the path of a YAML file, or the name of one that comes with Glovebox (base, shell, browser, \
firefox, voice). What is built already is used again: layers are shared between recipes. With the image are kept a \
lock file with every package and version, and a bill of materials (SPDX); see: glovebox image show. The lock of a recipe \
file is written beside it, too (my-app.yaml: my-app.lock.json); --locked holds a later build to it: it ends with the name \
of each package that differs.`,
  options: {
    locked: { help: 'Hold to the versions of the lock file, and fail where they cannot be had' },
    'lock-file': {
      value: 'FILE',
      help: 'The lock file to write, or to hold to (default: beside the recipe)',
    },
    offline: { help: 'Take what is built, without asking the mirror whether it has changed' },
    'no-cache': { help: 'Build again what is built already' },
    json: { help: 'Print JSON' },
  },
  positionals: { least: 1, most: 1, names: ['RECIPE'] },
  examples: [
    { command: 'glovebox image build base', does: 'Build the Debian that every other recipe stands on' },
    { command: 'glovebox image build ./my-app.yaml', does: 'Build a recipe of your own' },
    {
      command: 'glovebox image build --locked ./my-app.yaml',
      does: 'Build it with the same versions elsewhere',
    },
  ],
  run: async ({ options, words: [recipe = ''] }, { signal }) => {
    const { images } = new Glovebox()
    const built = await withProgress((onProgress) =>
      images.build(recipe, {
        onProgress,
        signal: signal(),
        locked: options.locked,
        offline: options.offline,
        noCache: options['no-cache'],
        ...(options['lock-file'] === undefined ? {} : { lockFile: options['lock-file'] }),
      }),
    )
    if (options.json) return printJson(built)
    return printLine(`${built.name}  ${built.digest}${built.cached ? '  (nothing has changed)' : ''}`)
  },
})

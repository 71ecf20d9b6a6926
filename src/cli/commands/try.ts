import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { choosePageFiles } from '../page-files.ts'
import { renderPage } from '../render-page.ts'
import { setUp } from '../set-up.ts'

export const command = defineCommand({
  name: 'try',
  summary: 'Set up, build a browser image, and render a page in a disposable box',
  usage: '[--yes] [--out FOLDER] [PAGE.html]',
  about: `The whole of Glovebox in one command: installs what is missing (asks first), builds the image browser, hands \
one page into a disposable box without any network, renders it there with Chromium, and brings a screenshot and a PDF \
out. Then it says what the box could reach and what not. Without PAGE.html it takes a demanding page that comes along. \
Only that one file goes in: what a page loads from beside itself is not there.`,
  options: {
    yes: { short: 'y', help: 'Do not ask before installing distribution packages' },
    out: { value: 'FOLDER', short: 'o', help: 'Where the results go (default glovebox-try)' },
  },
  positionals: { least: 0, most: 1, names: ['PAGE.html'] },
  examples: [
    { command: 'glovebox try', does: 'See it work' },
    { command: 'glovebox try --out /tmp/seen letter.html', does: 'Look at a page that you do not trust' },
  ],
  run: async ({ options, words: [page] }, { signal }) => {
    // Asked first: a misspelt path is told before anything is installed or built.
    const files = choosePageFiles(page, options.out ?? 'glovebox-try')
    const glovebox = new Glovebox()
    const stop = signal()
    const refused = await setUp(
      glovebox.host,
      { yes: options.yes, 'dry-run': false, json: false },
      () => stop,
    )
    if (refused !== undefined) return refused
    return renderPage(glovebox, files, stop)
  },
})

import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { readPolicy } from '../policy-options.ts'
import { withProgress } from '../progress.ts'
import { RUN_OPTIONS, requestOf, settledRequest, verifiedRequest } from '../run-options.ts'
import { showDetached, showPlan } from '../run-variants.ts'

export const command = defineCommand({
  name: 'run',
  summary: 'Run a command in a new, disposable box',
  usage: '[OPTIONS] [--] [COMMAND [ARGUMENT…]]',
  about: `Starts a box of an image and runs COMMAND in it, or what the image itself names. The box reaches nothing of \
this machine, and of the network what --network opens: without it the internet where the image asks for it, else nothing. What it writes is gone \
when the command ends, unless you keep it (--keep, --home).

The exit code is the command's own: 126 if it cannot be executed, 127 if it is not found, 128+n if signal n ended it, \
124 if its time was up (--wall).`,
  options: RUN_OPTIONS,
  positionals: { least: 0, most: 0, names: [], command: { leading: 0 } },
  examples: [
    { command: 'glovebox run -- uname -a', does: 'Run one command in the image base' },
    { command: 'glovebox run --image shell', does: 'Have a shell, with a terminal of its own' },
    {
      command: 'glovebox run --memory 512M --wall 1m -- ./installer.sh',
      does: 'Bound its memory and its time',
    },
    {
      command: 'glovebox run --network internet --image browser -- chromium …',
      does: 'Let it reach the internet, and neither this machine nor your local network',
    },
    {
      command: 'glovebox run --put page.html:/work/ --get /work/out.pdf:. --image browser -- chromium …',
      does: 'Hand a file in, and take one out when the command has ended',
    },
    {
      command: 'glovebox run --keep web --image shell',
      does: 'Keep what the box writes; run it again to go on',
    },
    {
      command: 'glovebox run --engine vm --warm --image shell',
      does: 'Use a virtual machine, from a kept memory instead of a boot',
    },
    {
      command: "glovebox run --engine auto --require files,lan,kernel --budget 'start<1s' -- true",
      does: 'Take the cheapest technology that was seen to hold that here: glovebox help choose',
    },
    { command: 'echo hello | glovebox run -- tr a-z A-Z', does: 'Use it in a pipe' },
    { command: 'glovebox run --dry-run -- true', does: 'See the plan and the OCI bundle; start nothing' },
  ],
  run: async ({ options, command }) => {
    const asked = requestOf(options, command, await readPolicy(options))
    const glovebox = new Glovebox()
    const { boxes } = glovebox
    const settled = await settledRequest(glovebox, asked, options)
    const request = await verifiedRequest(glovebox, settled, options)
    if (options['dry-run']) return showPlan(await boxes.plan(request), options.json)
    const notices: string[] = []
    const onNotice = (words: string): unknown => notices.push(words)
    await withProgress((onProgress) => boxes.prepare(request, { onProgress, onNotice }))
    for (const words of notices) process.stderr.write(`glovebox: ${words}\n`)
    if (options.detach) return showDetached(await boxes.detach(request), options.json)
    if (options.put.length > 0 || options.get.length > 0) {
      const { runWithFiles } = await import('../run-with-files.ts')
      return runWithFiles(boxes, request, options.put, options.get)
    }
    return boxes.run(request)
  },
})

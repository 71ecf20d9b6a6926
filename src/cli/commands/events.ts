import { printable } from '../../policy/quote.ts'
import type { BoxEvent } from '../../sdk.ts'
import { Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printLine, withoutControls } from '../print.ts'

export const command = defineCommand({
  name: 'events',
  summary: 'Tell what happens to boxes',
  usage: '[--follow] [--json] [BOX]',
  about: `Prints what has happened to your boxes since you logged in, as far as it is remembered, and with --follow \
goes on as it happens: created, started, exec, exited with the exit code, killed, failed, network-closed, \
network-moved, removed. With BOX only of this \
one, until it is removed. --json prints one JSON document a line.`,
  options: {
    follow: { short: 'f', help: 'Go on; Ctrl-C ends it' },
    json: { help: 'Print JSON, a line each' },
  },
  positionals: { least: 0, most: 1, names: ['BOX'] },
  examples: [
    { command: 'glovebox events', does: 'See what ran, and how it ended' },
    { command: 'glovebox events --follow --json', does: 'Feed a program' },
  ],
  run: async ({ options, words: [name] }, { signal }) => {
    const { boxes } = new Glovebox()
    const box = name === undefined ? undefined : (await boxes.get(name)).id
    const watched = {
      ...{ past: true, follow: options.follow },
      ...(box === undefined ? {} : { box }),
      ...(options.follow ? { signal: signal() } : {}),
    }
    for await (const event of boxes.events(watched))
      printLine(options.json ? withoutControls(JSON.stringify(event)) : lineOf(event))
    return undefined
  },
})

function lineOf(event: BoxEvent): string {
  return printable(`${event.time}  ${event.box}  ${event.type.padEnd(8)}${detailOf(event)}`).trimEnd()
}

function detailOf(event: BoxEvent): string {
  switch (event.type) {
    case 'created': {
      const kept = event.name === undefined ? '' : `, kept as ${event.name}`
      return `${event.program}, in ${event.image} by ${event.engine}${kept}`
    }
    case 'exec':
      return event.program
    case 'network-closed':
      return event.by === 'roaming'
        ? 'as its rules could not follow this machine into another network'
        : `as its ${event.by} ended`
    case 'network-moved':
      return `refused from now on: ${event.ranges} more of this machine's addresses and networks`
    case 'exited':
      return `with ${event.exitCode}${event.reason === undefined ? '' : ` at its bound (${event.reason})`}`
    default:
      return ''
  }
}

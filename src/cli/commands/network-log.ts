import { printable } from '../../policy/quote.ts'
import { type Flow, type FlowLine, Glovebox } from '../../sdk.ts'
import { defineCommand } from '../command.ts'
import { printLine, withoutControls } from '../print.ts'
import { bytesInWords } from '../text.ts'

export const command = defineCommand({
  name: 'network log',
  summary: 'Tell whom a box talked to, and what it was refused',
  usage: '[--follow] [--json] BOX',
  about: `Prints a line for each beginning and end of a flow of the box's network, and for what was refused: time, verdict, \
protocol, the peer with the name that the box had asked for, bytes sent and received, duration, and why. It is written outside of the \
box. The log keeps the last 8 MiB and says how much is gone; run --flows FILE keeps more. A box that is not kept takes its log along \
when it ends; --follow ends then.`,
  options: {
    follow: { short: 'f', help: 'Go on until the box ends' },
    json: { help: 'Print JSON, a line each' },
  },
  positionals: { least: 1, most: 1, names: ['BOX'] },
  examples: [
    { command: 'glovebox network log 3f2a', does: 'See whom a box has talked to' },
    { command: 'glovebox network log --follow --json 3f2a', does: 'Feed a program' },
  ],
  run: async ({ options, words: [box = ''] }, { signal }) => {
    const followed = options.follow ? { follow: true, signal: signal() } : {}
    for await (const line of new Glovebox().boxes.flows(box, followed)) {
      const shown = options.json ? withoutControls(JSON.stringify(line)) : lineOf(line)
      if (shown !== undefined) printLine(shown)
    }
    return undefined
  },
})

const time = (seconds: number): string => new Date(seconds * 1000).toISOString()

function lineOf(line: FlowLine): string | undefined {
  switch (line.kind) {
    case 'flow':
      return printable(flowInWords(line))
    case 'lost':
      return `${time(line.atSeconds)}  lost     ${line.count} ${LOST[line.what]}`
    default:
      return undefined
  }
}

const LOST = {
  lines: 'lines, as they were too many at once',
  events: 'refused packets, as they were too many at once',
  starts: 'beginnings of flows, as they were too many at once',
  ends: 'ends of flows, as they were too many at once',
  names: 'names of addresses, as they were too many at once',
  refused: 'more packets were refused than are told one by one',
  gone: 'earlier lines, as the log is bounded',
} as const

function flowInWords(flow: Flow): string {
  const { stage, protocol, to, toPort, name, why } = flow
  const port = toPort === 0 ? '' : `:${toPort}`
  const address = `${to.includes(':') && port !== '' ? `[${to}]` : to}${port}`
  const peer = name === undefined ? address : `${name}${port} (${to})`
  return `${time(flow.atSeconds)}  ${stage.padEnd(7)}  ${flow.verdict.padEnd(7)}  ${protocol.padEnd(6)}  ${peer}${amounts(flow)}${why === undefined ? '' : `  ${why.trim()}`}`
}

function amounts({ sentBytes, receivedBytes, startSeconds, endSeconds }: Flow): string {
  if (sentBytes === undefined) return ''
  const bytes = `  sent ${bytesInWords(sentBytes)}, received ${bytesInWords(receivedBytes ?? 0)}`
  const seconds =
    startSeconds === undefined || endSeconds === undefined ? undefined : endSeconds - startSeconds
  return seconds === undefined ? bytes : `${bytes} in ${Math.max(0, seconds).toFixed(1)} s`
}

import { pipeline } from 'node:stream/promises'
import type { Box, Boxes, BoxProcess, BoxRequest } from '../sdk.ts'
import { checkDestination, checkSource, splitGet, splitPut } from './box-paths.ts'

/**
 * `glovebox run --put … --get …`: the box waits until the files are in, runs the command, and stays until the results
 * are out, also where the command failed.
 *
 * @returns the command's exit code
 */
export async function runWithFiles(
  boxes: Boxes,
  request: BoxRequest,
  puts: readonly string[],
  gets: readonly string[],
): Promise<number> {
  const [ins, outs] = [puts.map(splitPut), gets.map(splitGet)]
  for (const { source } of ins) checkSource(source)
  for (const { destination } of outs) checkDestination(destination)
  // The image's own command where none was given; the box itself only waits.
  const { args } = (await boxes.plan(request)).plan.process
  const { command: _own, ...rest } = request
  await using box = await boxes.create(rest)
  for (const { source, destination } of ins) await box.copyIn(source, destination)
  const exitCode = await runAttached(box, args)
  for (const { source, destination } of outs)
    await box.copyOut(source, destination).catch((error: unknown) => {
      // A command that failed has often not made its results; its own exit code says more.
      if (exitCode === 0) throw error
    })
  return exitCode
}

/** Runs a command with the standard streams of this process, and passes signals on. */
async function runAttached(box: Box, args: readonly string[]): Promise<number> {
  const running = await box.exec(args)
  const release = passSignals(running)
  try {
    process.stdin.pipe(running.stdin)
    // A command that does not read its input closes it early.
    running.stdin.on('error', () => process.stdin.unpipe(running.stdin))
    await Promise.all([
      pipeline(running.stdout, process.stdout, { end: false }),
      pipeline(running.stderr, process.stderr, { end: false }),
    ])
    return await running.exitCode
  } finally {
    release()
    process.stdin.unpipe(running.stdin)
    process.stdin.pause()
  }
}

function passSignals(running: BoxProcess): () => void {
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
  const pass = (name: NodeJS.Signals): void => running.kill(name)
  for (const name of names) process.on(name, pass)
  return () => {
    for (const name of names) process.off(name, pass)
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { describeFrame, type Frame, isOrdinary } from './frames.ts'
import { FrameReader } from './pcapng.ts'
import { SEGMENT_INTERFACE } from './topology.ts'

/**
 * Sees every frame on the segment, by the recorder that boxes have as well (docs/decisions/020-flow-log.md, Frames). `program` is the
 * compiled glovebox-resolver; it sees all from when this returns.
 */
export async function startWitness(program: string, tell: (frame: Frame) => void): Promise<ChildProcess> {
  const words = ['capture', '--fd', '1', '--ready-fd', '3', '--interface', SEGMENT_INTERFACE]
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
  const reader = new FrameReader()
  child.stdout?.on('data', (part: Buffer) => {
    for (const bytes of reader.read(part)) {
      const frame = describeFrame(bytes)
      if (frame !== undefined && !isOrdinary(frame)) tell(frame)
    }
  })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`The witness of the lab's segment ended with ${code}.`)
  })
  failed.catch(() => undefined)
  await Promise.race([once(child.stdio[3] as NodeJS.ReadableStream, 'data'), failed])
  return child
}

import { createReadStream, existsSync, statSync, watch } from 'node:fs'
import { Readable } from 'node:stream'
import { boxFiles, liveness, readRecord } from './state.ts'

/** A box's kept output, the older half first; bytes of the box, not trusted. */
export function readLogs(dir: string, follow: boolean, signal?: AbortSignal): Readable {
  return Readable.from(follow ? followed(dir, signal) : whole(dir))
}

async function* whole(dir: string): AsyncGenerator<Buffer> {
  const files = boxFiles(dir)
  for (const path of [files.olderLog, files.log]) if (existsSync(path)) yield* createReadStream(path)
}

/** Goes on until the box has ended and its last byte is read; a rotation begins the new file at its start. */
async function* followed(dir: string, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const files = boxFiles(dir)
  if (existsSync(files.olderLog)) yield* createReadStream(files.olderLog)
  let at = 0
  while (!signal?.aborted) {
    const ended = liveness(dir, readRecord(dir)) === 'ended'
    const size = existsSync(files.log) ? statSync(files.log).size : 0
    if (size < at) at = 0
    if (size > at) {
      yield* createReadStream(files.log, { start: at, end: size - 1 })
      at = size
      continue
    }
    if (ended || !existsSync(dir)) return
    await changed(dir, signal)
  }
}

/** The supervisor's write, or a second: inotify(7) does not tell of a supervisor's death. */
function changed(dir: string, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(dir)
    const timer = setTimeout(done, 1000)
    function done(): void {
      clearTimeout(timer)
      watcher.close()
      resolve()
    }
    watcher.once('change', done)
    watcher.once('error', done)
    signal?.addEventListener('abort', done, { once: true })
  })
}

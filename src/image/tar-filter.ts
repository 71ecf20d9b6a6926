import type { Readable, Writable } from 'node:stream'
import { type Pack, extract as tarExtract, pack as tarPack } from 'tar-stream'
import { decide } from './tar-entry.ts'
import { EntryTable, refused } from './tar-path.ts'
import type { FilterResult, FilterRules, FilterState, IncomingEntry, OutgoingEntry } from './tar-types.ts'

/** Files that are kept in memory are kept up to these sizes. */
const ACCOUNTS_BYTES = 2 ** 20
const KEPT_BYTES = 16 * 2 ** 20
const PASSWD = 'etc/passwd'
const GROUP = 'etc/group'

/**
 * Reads a hostile archive and writes a plain one: every name, link, kind, owner and size is checked, and nothing but
 * files, folders, links and whiteouts comes out. Bytes flow through; nothing is kept but names.
 *
 * @throws (by `result`) GloveboxError ARCHIVE_* with the entry
 */
export function filterTar(
  input: Readable,
  rules: FilterRules,
): { readonly output: Pack; readonly result: Promise<FilterResult> } {
  const output = tarPack()
  /* Without a listener, an error that comes before the output has a reader would end the whole process. */
  output.on('error', () => undefined)
  const result = run(input, output, rules).then(
    (value) => {
      output.finalize()
      return value
    },
    (error: unknown) => {
      output.destroy(error as Error)
      throw error
    },
  )
  /* The reader of `output` sees the error, too; whoever awaits first must not leave the other unhandled. */
  result.catch(() => undefined)
  return { output, result }
}

async function run(input: Readable, output: Pack, rules: FilterRules): Promise<FilterResult> {
  const state = newState(rules)
  const reader = tarExtract()
  /* A broken input must reach the loop below, not only the pipe. */
  input.once('error', (error) => reader.destroy(error))
  /* So must one that is taken away without an error: the loop would wait for its end for ever. */
  input.once('close', () => {
    if (!input.readableEnded) reader.destroy(new Error('it was closed before its end'))
  })
  input.pipe(reader)
  try {
    for await (const entry of reader) {
      const incoming = rules.adjust?.(entry.header as IncomingEntry) ?? (entry.header as IncomingEntry)
      count(state, incoming)
      for (const header of decide(state, incoming))
        await copy(state, entry as unknown as EntryStream, header, output)
      entry.resume()
    }
  } catch (error) {
    input.destroy()
    throw error instanceof Error && error.name === 'GloveboxError'
      ? error
      : refused('ARCHIVE_BROKEN', `it cannot be read as a tar archive (${(error as Error).message})`)
  }
  const { entries, bytes, stripped, kept } = state
  const [passwd, group] = [kept.get(PASSWD), kept.get(GROUP)]
  return {
    entries,
    bytes,
    stripped,
    ...(passwd === undefined ? {} : { passwd }),
    ...(group === undefined ? {} : { group }),
    kept,
  }
}

function newState(rules: FilterRules): FilterState {
  const kept = { table: new EntryTable(), folders: new Map(), opaque: new Set<string>() }
  return { rules, ...kept, stripped: [], kept: new Map(), entries: 0, nameBytes: 0, bytes: 0 }
}

function count(state: FilterState, header: IncomingEntry): void {
  const { limits } = state.rules
  state.entries++
  state.bytes += header.size ?? 0
  state.nameBytes += Buffer.byteLength(header.name)
  if (state.nameBytes > limits.maxAllNamesBytes)
    throw refused('ARCHIVE_BOMB', `its names are longer than ${limits.maxAllNamesBytes} bytes together`)
  if (state.entries > limits.maxEntries)
    throw refused('ARCHIVE_BOMB', `it has more than ${limits.maxEntries} entries`)
  if (state.bytes > limits.maxBytes)
    throw refused('ARCHIVE_BOMB', `its files are larger than ${limits.maxBytes} bytes together`, header.name)
}

type EntryStream = AsyncIterable<Buffer> & { resume(): void }

async function copy(
  state: FilterState,
  entry: EntryStream,
  header: OutgoingEntry,
  output: Pack,
): Promise<void> {
  if (header.type !== 'file' || header.size === 0) return write(output, header, [])
  const replacement = state.rules.replace?.(header.name)
  if (replacement !== undefined) {
    entry.resume()
    const content = Buffer.from(replacement)
    return write(output, { ...header, size: content.length }, [content])
  }
  if (header.size > keptBytes(state, header.name)) return write(output, header, entry)
  const chunks: Buffer[] = []
  for await (const chunk of entry) chunks.push(chunk)
  const content = Buffer.concat(chunks)
  state.kept.set(header.name, content.toString('utf8'))
  return write(output, header, [content])
}

/** How large a file may be to be kept; none is as small as what no size is kept of. */
function keptBytes(state: FilterState, path: string): number {
  if (path === PASSWD || path === GROUP) return ACCOUNTS_BYTES
  return state.rules.keep?.has(path) === true ? KEPT_BYTES : -1
}

/** Waits for room in the pipe before it reads on, so that memory stays flat. */
function write(
  output: Pack,
  header: OutgoingEntry,
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const sink: Writable = output.entry(header as unknown as Parameters<Pack['entry']>[0], (error) =>
      error ? reject(error) : resolve(),
    ) as unknown as Writable
    sink.on('error', reject)
    const feed = async (): Promise<void> => {
      for await (const chunk of chunks)
        if (!sink.write(chunk)) await new Promise<void>((room) => sink.once('drain', () => room()))
      sink.end()
    }
    if (header.type === 'file') feed().catch(reject)
  })
}

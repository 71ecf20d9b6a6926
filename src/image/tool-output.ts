import type { Readable } from 'node:stream'

const LINE_BYTES = 4096

/** Calls `take` for each line of a tool's words as it comes; control characters and overlong lines are cut. */
export async function linesOf(stream: Readable, take: (line: string) => void): Promise<void> {
  let rest = ''
  stream.setEncoding('utf8')
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (rest + chunk).split(/\r?\n|\r/)
    rest = (lines.pop() ?? '').slice(-LINE_BYTES)
    for (const line of lines) take(plain(line))
  }
  if (rest !== '') take(plain(rest))
}

const plain = (line: string): string =>
  line
    .slice(0, LINE_BYTES)
    .replace(/\p{Cc}/gu, ' ')
    .trimEnd()

/** The reason of a failure: what apt says is missing, else the lines that apt and dpkg mark as errors, else the last one. */
export function lastWords(words: readonly string[]): string {
  const unmet = unmetDependencies(words)
  const errors = errorLines(words)
  const last = words.filter((line) => line !== '').slice(-1)
  const chosen = [unmet, errors.slice(-4), last].find((lines) => lines.length > 0) ?? []
  return (
    chosen
      .map((line) => line.replace(/^E: /, ''))
      .join('; ')
      .replace(/\.+$/, '')
      .slice(0, 1500) || 'it gave no reason'
  )
}

function errorLines(words: readonly string[]): string[] {
  const errors = words.flatMap((line, at) => {
    if (!/^(E:|dpkg: error|dpkg-deb: error|mmdebstrap: |Err:)/.test(line)) return []
    /* dpkg has its reason in the line below. */
    const below = line.endsWith(':') ? words[at + 1] : undefined
    return [below?.startsWith(' ') === true ? `${line} ${below.trim()}` : line]
  })
  const telling = errors.filter((line) => !/^E: (setup|mmdebstrap|run_\w+) failed|^E: Sub-process/.test(line))
  return telling.length === 0 ? errors : telling
}

/** apt names what cannot be had before its error, in lines of their own (` NAME : Depends: …`). */
function unmetDependencies(words: readonly string[]): string[] {
  const at = words.findLastIndex((line) => line.endsWith('have unmet dependencies:'))
  if (at < 0) return []
  const rest = words.slice(at + 1)
  const end = rest.findIndex((line) => !line.startsWith(' '))
  return rest
    .slice(0, Math.min(end < 0 ? rest.length : end, 4))
    .map((line) => line.trim().replace(/\s+/g, ' '))
}

/** The environment of apt in a job: nothing of the user's but where the proxy is. */
export function aptEnvironment(): Record<string, string> {
  const proxies = ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap(
    (name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value] as const]
    },
  )
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
    DEBIAN_FRONTEND: 'noninteractive',
    ...Object.fromEntries(proxies),
  }
}

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

/** The reason of a failure: the lines that apt and dpkg mark as errors, else the last one. */
export function lastWords(words: readonly string[]): string {
  const errors = words.filter((line) => /^(E:|dpkg: error|mmdebstrap: |Err:)/.test(line))
  const chosen = errors.length === 0 ? words.filter((line) => line !== '').slice(-1) : errors.slice(-4)
  return (
    chosen
      .map((line) => line.replace(/^E: /, ''))
      .join('; ')
      .replace(/\.+$/, '')
      .slice(0, 1500) || 'it gave no reason'
  )
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

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileProgram } from '../src/host/compile.ts'
import type { Row } from './statistics.ts'

const UPSTREAM = '198.51.100.1'
const GOAL_PER_SECOND = 10_000
const GOAL_RESIDENT_KB = 2048
const NAMES = 10_000
const SECONDS = 3

interface Measured {
  readonly perSecond: number
  readonly medianUs: number
  readonly p99Us: number
  readonly lost: number
  readonly residentKb: number
}

/**
 * In a network namespace of its own: an authority, the resolver under an allowlist of 10,000 names with the sets of the
 * firewall, and a client; this script starts them and waits for the client.
 */
const SCRIPT = `
ip link set lo up && ip addr add ${UPSTREAM}/32 dev lo
nft 'add table inet glovebox; add set inet glovebox allowed4 { type ipv4_addr; flags timeout; }'
"$1/authority" ${UPSTREAM} "$2" & authority=$!
"$1/glovebox-resolver" --listen 127.0.0.1 --upstream ${UPSTREAM} --policy-fd 3 --log-fd 4 & resolver=$!
until grep -q ready "$1/log"; do kill -0 $resolver || exit 1; done
"$1/load" 127.0.0.1 "$3" ${SECONDS} 32
grep VmHWM /proc/$resolver/status
kill $authority $resolver
wait
`

async function measure(folder: string, ttl: number, names: number): Promise<Measured> {
  writeFileSync(join(folder, 'log'), '')
  const [policy, log] = [openSync(join(folder, 'policy'), 'r'), openSync(join(folder, 'log'), 'a')]
  const namespace = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net']
  const child = spawn(
    'unshare',
    [...namespace, 'sh', '-c', SCRIPT, 'sh', folder, String(ttl), String(names)],
    {
      stdio: ['ignore', 'pipe', 'inherit', policy, log],
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
    },
  )
  let text = ''
  child.stdout?.on('data', (part: Buffer) => {
    text += part.toString()
  })
  await once(child, 'close')
  for (const fd of [policy, log]) closeSync(fd)
  const [perSecond = 0, medianUs = 0, p99Us = 0, lost = 0, residentKb = 0] = (text.match(/\d+/g) ?? []).map(
    Number,
  )
  if (residentKb === 0) throw new Error(`The resolver's bench printed: ${text}`)
  return { perSecond, medianUs, p99Us, lost, residentKb }
}

function compile(name: string, folder: string): void {
  const source = join(import.meta.dirname, `resolver-${name}.c`)
  const { status } = spawnSync('cc', ['-O2', '-o', join(folder, name), source], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`The C compiler could not build ${source}: is gcc installed?`)
}

/** Lines of the log that say how many are missing, beside those that are there. */
function logged(folder: string): string {
  const lines = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')
  const lost = lines.flatMap((line) => Number(/"event":"lost","lines":(\d+)/.exec(line)?.[1] ?? 0))
  return `${lines.length} lines in the log, ${lost.reduce((sum, one) => sum + one, 0)} said to be lost`
}

/** Answers a second from the cache, and with a question upstream and an element of a set for each. */
export async function resolverRows(folder: string): Promise<Row[]> {
  mkdirSync(folder, { recursive: true })
  await compileProgram('resolver', folder, join(import.meta.dirname, '..'))
  for (const name of ['authority', 'load']) compile(name, folder)
  const lines = Array.from({ length: NAMES }, (_, i) => `allow n${i}.test`)
  writeFileSync(join(folder, 'policy'), `${lines.join('\n')}\nend\n`)
  const cached = await measure(folder, 3000, 200)
  const said = logged(folder)
  const asked = await measure(folder, 0, NAMES)
  const row = (name: string, { perSecond, medianUs, p99Us, lost }: Measured, more: string): Row => ({
    name,
    value: GOAL_PER_SECOND / perSecond,
    detail: `${perSecond} a second, ${medianUs} us median, ${p99Us} us p99, ${lost} lost${more}`,
  })
  const most = Math.max(cached.residentKb, asked.residentKb)
  return [
    { ...row('10,000 / answers a second of the resolver, cached', cached, `; ${said}`), most: 1 },
    row('the same, each asked upstream and put into a set', asked, ''),
    {
      name: "the resolver's memory / 2 MB, 10,000 names",
      value: most / GOAL_RESIDENT_KB,
      most: 1,
      detail: `${most} kB at its most`,
    },
  ]
}

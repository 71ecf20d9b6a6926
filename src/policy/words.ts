import { GRANTS } from './grants.ts'
import { LIMIT_KINDS, UNLIMITED } from './limits.ts'
import { networkWords } from './network-words.ts'
import { LIMIT_NAMES, type LimitName, type Policy } from './types.ts'

/** How each limit is held on this host: the words of a plan's `enforcement`. */
export type EnforcementView = Readonly<Partial<Record<LimitName, string>>>

const MEANS: Readonly<Record<string, string>> = {
  cgroup2: 'held by the kernel (control group)',
  'systemd-scope': 'held by the kernel (control group of your systemd session)',
  cgroup1: 'held by the kernel (control group, version 1)',
  rlimit: 'held by the kernel (resource limit)',
  tmpfs: 'held by the kernel (size of the file system in memory)',
  timer: 'held by Glovebox (the box is ended when the time is over)',
  waived: 'NOT held on this host: waived',
}

const LIMIT_WORDS: Readonly<Record<LimitName, string>> = {
  memory: 'memory',
  cpus: 'CPUs',
  processes: 'processes and threads',
  'open-files': 'open files of each process',
  disk: 'written files',
  wall: 'running time',
}

const CAN: readonly string[] = [
  'its own files: those of its image, and what it writes itself',
  'what you hand in: files that you copy, standard input, the terminal you start it in',
  'a kept home folder of its own, where you name one (--home)',
]

const cannot = (joined: boolean): readonly string[] => [
  "this machine's files: your home, mounts, sockets, environment variables",
  'your other programs: processes, shared memory, keyrings, session bus',
  'your screen, keyboard, clipboard, microphone, speakers, camera and other devices',
  `other boxes${joined ? ' but those of that network' : ''}, and images in the store`,
  "root's powers over this machine: all capabilities are dropped, and setuid programs gain none",
]

/**
 * What a policy means, in plain words on one screen. Where `enforcement` is given (a plan has it), each limit says
 * how this host holds it.
 */
export function describePolicy(policy: Policy, enforcement?: EnforcementView): string {
  const network = networkWords(policy.network)
  return [
    'The box can reach',
    ...bullets([...network.reaches, ...CAN]),
    '',
    'It cannot reach',
    ...bullets([...network.closed, ...cannot(isJoined(policy.network))]),
    '',
    'It may use up',
    ...limitLines(policy, enforcement),
    '',
    ...grantLines(policy),
    '',
  ].join('\n')
}

const isJoined = (network: Policy['network']): boolean =>
  typeof network === 'object' && network.join !== undefined

/** A policy is read on a screen, whatever its lists hold. */
const COLUMNS = 106

const bullets = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => wrap(line).map((part, at) => `${at === 0 ? '  - ' : '    '}${part}`))

function wrap(line: string): string[] {
  const lines: string[] = []
  for (const word of line.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > COLUMNS) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

function limitLines(policy: Policy, enforcement: EnforcementView | undefined): string[] {
  const rows = LIMIT_NAMES.map((name) => {
    const { field, format } = LIMIT_KINDS[name]
    const value = policy.limits[field]
    const bound = value === undefined ? UNLIMITED : format(value)
    return {
      words: LIMIT_WORDS[name],
      bound,
      means: value === undefined ? '' : means(name, policy, enforcement),
    }
  })
  const width = (pick: (row: (typeof rows)[number]) => string) =>
    Math.max(...rows.map((row) => pick(row).length))
  const [first, second] = [width((row) => row.words), width((row) => row.bound)]
  const lines = rows.map(({ words, bound, means }) =>
    `  ${words.padEnd(first)}  ${bound.padEnd(second)}  ${means}`.trimEnd(),
  )
  return [...lines, ...memoryNote(policy, enforcement)]
}

function means(name: LimitName, policy: Policy, enforcement: EnforcementView | undefined): string {
  const how = enforcement?.[name]
  if (how !== undefined) return MEANS[how] ?? how
  return policy.allowUnenforced.includes(name) ? 'waived where the host cannot hold it' : ''
}

/** A tmpfs is charged to the memory of the control group (Documentation/admin-guide/cgroup-v2.rst, "shmem"). */
function memoryNote({ limits }: Policy, enforcement: EnforcementView | undefined): string[] {
  const { memoryBytes, diskBytes } = limits
  if (memoryBytes === undefined || (enforcement !== undefined && enforcement.disk !== 'tmpfs')) return []
  if (diskBytes !== undefined && diskBytes <= memoryBytes) return []
  return ['  Files written by a disposable box lie in memory and count against its memory too.']
}

function grantLines(policy: Policy): string[] {
  if (policy.grants.length === 0) return ['Grants beyond this: none']
  return [
    'Grants beyond this',
    ...policy.grants.flatMap((name) => [
      `  - ${name}: ${GRANTS[name].gives}`,
      `    price: ${GRANTS[name].price}`,
    ]),
  ]
}

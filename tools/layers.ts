import { dirname, join, normalize } from 'node:path'
import { findImports, type Import } from './imports.ts'

/** Rooms of src/ from the top down; imports point down. Rooms on one line know nothing of each other but what SIDEWAYS allows. */
const LAYERS: readonly (readonly string[])[] = [
  ['cli'],
  ['sdk'],
  ['exam', 'price', 'report'],
  ['box'],
  ['engine', 'network'],
  ['plan'],
  ['lab'],
  ['policy', 'image', 'host'],
  ['errors'],
]
/**
 * The image room runs its tools through the host room, and recipes name the grants of the policy that they need. The price
 * is asked by the exam's sessions, and chosen by both; reports are made of what was found.
 */
const SIDEWAYS: readonly string[] = [
  'image → host',
  'image → policy',
  'report → exam',
  'report → price',
  'price → exam',
]
/** Rooms that compute and never act: nothing that starts a process or opens a connection, not even through host/. */
const PURE_ROOMS: readonly string[] = ['policy', 'plan', 'engine', 'report']
const EFFECTS =
  /^node:(?:child_process|cluster|worker_threads|net|tls|dgram|dns|https?|http2|inspector)(?:\/|$)/
const PURE_HOST_MODULE = 'host/types.ts'
/** What reports may know of the exam and the price: their types, and what a result comes to. */
const PURE_RESULT_MODULES: readonly string[] = [
  ...['exam/types.ts', 'exam/result-types.ts', 'exam/outcome.ts'],
  ...[
    'price/result-types.ts',
    'price/choice-types.ts',
    'price/figures.ts',
    'price/cost.ts',
    'price/holds.ts',
    'price/comparison-types.ts',
  ],
  'price/history.ts',
]

/** What is wrong with one module, in words. */
export interface Violation {
  readonly module: string
  readonly reason: string
}

interface Edge extends Import {
  readonly from: string
  /** Path below src/, or the bare specifier of a package. */
  readonly to: string
  readonly local: boolean
}

/** Judges the sources of src/, given as path below src/ → content. Pure. */
export function judgeLayers(sources: ReadonlyMap<string, string>): Violation[] {
  const violations: Violation[] = []
  const edges: Edge[] = []
  for (const [module, content] of sources) {
    try {
      edges.push(...findImports(content).map((found) => toEdge(module, found)))
    } catch (error) {
      violations.push({ module, reason: error instanceof Error ? error.message : String(error) })
    }
    if (levelOf(module) < 0) violations.push({ module, reason: `lies in no room of tools/layers.ts` })
  }
  const engines = engineModules(edges)
  for (const edge of edges) {
    const reason = edge.local ? judgeLocal(edge, sources, engines) : judgeForeign(edge)
    if (reason !== undefined) violations.push({ module: edge.from, reason: `imports ${edge.to}: ${reason}` })
  }
  return [...violations, ...findCycles(edges)]
}

function toEdge(from: string, found: Import): Edge {
  const local = found.specifier.startsWith('.')
  return {
    ...found,
    from,
    local,
    to: local ? normalize(join(dirname(from), found.specifier)) : found.specifier,
  }
}

/** src/sdk.ts and src/sdk/… are both the room sdk. */
function roomOf(module: string): string {
  return (module.split('/')[0] ?? '').replace(/\.ts$/, '')
}

function levelOf(module: string): number {
  return LAYERS.findIndex((rooms) => rooms.includes(roomOf(module)))
}

/** The engines are what engine/index.ts lists. */
function engineModules(edges: readonly Edge[]): ReadonlySet<string> {
  const listed = edges.filter((edge) => edge.from === 'engine/index.ts' && edge.local && !edge.typeOnly)
  return new Set(listed.map((edge) => edge.to).filter((module) => module !== 'engine/types.ts'))
}

function judgeLocal(
  edge: Edge,
  sources: ReadonlyMap<string, string>,
  engines: ReadonlySet<string>,
): string | undefined {
  if (!sources.has(edge.to)) return 'no such module below src/'
  const [from, to] = [roomOf(edge.from), roomOf(edge.to)]
  if (engines.has(edge.to) && edge.from !== 'engine/index.ts') return 'only engine/index.ts knows the engines'
  if (from === to) return undefined
  if (levelOf(edge.to) <= levelOf(edge.from) && !SIDEWAYS.includes(`${from} → ${to}`))
    return `${from} may not know ${to}: imports point down`
  if (!PURE_ROOMS.includes(from)) return undefined
  if (to === 'host' && edge.to !== PURE_HOST_MODULE)
    return `of host, ${from} may know ${PURE_HOST_MODULE} only`
  if (from === 'report' && ['exam', 'price'].includes(to) && !PURE_RESULT_MODULES.includes(edge.to))
    return `of ${to}, report may know ${PURE_RESULT_MODULES.filter((module) => module.startsWith(to)).join(', ')} only`
  if (from === 'plan' && to === 'image' && !edge.typeOnly) return 'plan may know only types of image'
  return undefined
}

/** The test LAN is a small world beside the product: its nodes are processes. */
const STARTERS = ['host', 'lab']

function judgeForeign(edge: Edge): string | undefined {
  const room = roomOf(edge.from)
  if (PURE_ROOMS.includes(room) && EFFECTS.test(edge.to)) return `${room} only computes`
  if (/^(?:node:)?(?:child_process|cluster)$/.test(edge.to) && !edge.typeOnly && !STARTERS.includes(room))
    return 'only host and the test LAN start processes'
  return undefined
}

/** Follows each import once, depth first; an import of a module that is still being followed closes a cycle. */
function findCycles(edges: readonly Edge[]): Violation[] {
  const targets = Map.groupBy(
    edges.filter((edge) => edge.local),
    (edge) => edge.from,
  )
  const done = new Set<string>()
  const violations: Violation[] = []
  const follow = (module: string, path: readonly string[]): void => {
    const start = path.indexOf(module)
    if (start >= 0)
      violations.push({ module, reason: `is in a cycle: ${[...path.slice(start), module].join(' → ')}` })
    if (start >= 0 || done.has(module)) return
    for (const { to } of targets.get(module) ?? []) follow(to, [...path, module])
    done.add(module)
  }
  for (const module of targets.keys()) follow(module, [])
  return violations
}

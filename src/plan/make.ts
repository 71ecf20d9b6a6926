import { GloveboxError } from '../errors.ts'
import type { ResolvedImage } from '../image/types.ts'
import { resolveNetwork } from '../policy/network.ts'
import type { PlannedPolicy, Policy } from '../policy/types.ts'
import { enforceLimits } from './limits.ts'
import { machineEnforceable, planMachine } from './machine.ts'
import { checkHostname, chooseWorkdir } from './names.ts'
import type { BoxPlaces, BoxRequest, Enforcement, HostView, Plan, ProcessPlan } from './types.ts'
import { resolveUser } from './user.ts'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** A box with no disk bound still may not fill the machine's memory; the default policy sets its own. */
const UNBOUNDED_TMPFS_BYTES = 2 ** 40

/**
 * Plans one box: a pure function of what was asked for, the image and the host. Nothing is started or looked up.
 *
 * @throws GloveboxError USER_UNKNOWN, NO_COMMAND, BAD_ENVIRONMENT, BAD_HOSTNAME, BAD_WORKDIR, RUNTIME_MISSING,
 *   LIMIT_UNENFORCEABLE
 */
export function makePlan(
  request: BoxRequest & { readonly policy: Policy },
  image: ResolvedImage,
  host: HostView,
  places: BoxPlaces,
): Plan {
  const policy = planPolicy(request.policy, image, host)
  const storage = planStorage(policy, host, places, request, image)
  const machine = places.machine === undefined ? undefined : planMachine(policy, places.machine)
  const enforceable =
    machine === undefined ? hostEnforceable(host, storage) : machineEnforceable(policy, host.enforceable)
  return deepFreeze({
    version: 1,
    box: {
      id: places.id,
      name: places.name,
      hostname: checkHostname(request.hostname ?? 'box'),
      machineId: places.machineId,
    },
    engine: places.engine,
    runtime: chooseRuntime(host, places),
    image: { ref: image.ref, digest: image.digest, trees: image.trees },
    ids: host.ids,
    process: planProcess(request, image, places.terminal),
    policy,
    enforcement: enforceLimits(policy, enforceable),
    storage,
    ...(machine === undefined ? {} : { machine }),
    ...(places.network === undefined ? {} : { network: places.network }),
    notes: [...networkNotes(request.policy, policy), ...notes(policy, image, storage, machine)],
  })
}

/** The policy for a box of this image: what it leaves to the image is said by that. */
export function settleNetwork(policy: Policy, image: Pick<ResolvedImage, 'config'>): PlannedPolicy {
  return { ...policy, network: resolveNetwork(policy.network, image.config.asksNetwork) }
}

function networkNotes(asked: Policy, { network }: PlannedPolicy): string[] {
  return asked.network === 'image' && network !== 'none'
    ? ['The image asks for the internet, and has it; --network none closes it.']
    : []
}

/** What a policy comes to for a box of this image on this host, the same under every engine. */
export function planPolicy(
  asked: Policy,
  image: Pick<ResolvedImage, 'config'>,
  host: Pick<HostView, 'openFilesMost'>,
): PlannedPolicy {
  return fit(settleNetwork(asked, image), host)
}

/** A bound that the host holds already, and tighter. */
function fit(policy: PlannedPolicy, host: Pick<HostView, 'openFilesMost'>): PlannedPolicy {
  const { openFiles } = policy.limits
  if (openFiles === undefined || openFiles <= host.openFilesMost) return policy
  return { ...policy, limits: { ...policy.limits, openFiles: host.openFilesMost } }
}

function hostEnforceable(host: HostView, storage: Plan['storage']): HostView['enforceable'] {
  if (storage.upper.kind === 'tmpfs') return { ...host.enforceable, disk: 'tmpfs' }
  const { disk: _none, ...rest } = host.enforceable as Record<string, Enforcement>
  return rest
}

function chooseRuntime(host: HostView, places: BoxPlaces): Plan['runtime'] {
  for (const name of places.runtimes) {
    const found = host.runtimes[name]
    if (found !== undefined) return { name, ...found }
  }
  throw new GloveboxError({
    code: 'RUNTIME_MISSING',
    audience: 'host',
    message: `Cannot start engine ${places.engine}: none of its OCI runtimes (${places.runtimes.join(', ')}) is installed.`,
    remedy: `Install one with: glovebox setup   (or: sudo apt-get install ${places.runtimes[0] ?? ''})`,
  })
}

/** The process of a box, or of a further command in it. */
export function planProcess(
  request: BoxRequest,
  image: Pick<ResolvedImage, 'config' | 'accounts' | 'ref'>,
  terminal: boolean,
): ProcessPlan {
  const { config } = image
  const command = request.command ?? []
  const args = command.length > 0 ? command : [...config.entrypoint, ...config.cmd]
  if (args.length === 0)
    throw new GloveboxError({
      code: 'NO_COMMAND',
      audience: 'usage',
      message: `Cannot run a box of ${image.ref}: no command was given and the image names none.`,
      remedy: 'Give one behind two dashes: glovebox run -- COMMAND',
    })
  const user = resolveUser(request.user ?? config.user, image.accounts)
  const env: Record<string, string> = {
    PATH: DEFAULT_PATH,
    HOME: user.home,
    USER: user.name,
    XDG_RUNTIME_DIR: `/run/user/${user.uid}`,
    ...(terminal ? { TERM: 'xterm-256color' } : {}),
    ...Object.fromEntries(config.env.map(splitVariable)),
    ...request.env,
  }
  for (const [name, value] of Object.entries(env)) checkVariable(name, value)
  return { args, env, cwd: chooseWorkdir(request.workdir, config.workdir, user.home), user, terminal }
}

function splitVariable(text: string): [string, string] {
  const at = text.indexOf('=')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function checkVariable(name: string, value: string): void {
  if (name !== '' && !/[=\0]/.test(name) && !value.includes('\0')) return
  throw new GloveboxError({
    code: 'BAD_ENVIRONMENT',
    audience: 'usage',
    message: `Cannot set the variable ${JSON.stringify(name)} in the box: a name may not be empty, and neither part may hold "=" or a NUL byte.`,
    remedy: 'Write it as NAME=VALUE.',
  })
}

function planStorage(
  policy: Policy,
  host: HostView,
  places: BoxPlaces,
  request: BoxRequest,
  image: ResolvedImage,
): Plan['storage'] {
  const onDisk = request.keep !== undefined || !host.overlayOnTmpfs
  const { homeDir } = places
  const target = resolveUser(request.user ?? image.config.user, image.accounts).home
  if (request.home !== undefined) checkHome(target, image)
  return {
    upper: onDisk
      ? { kind: 'disk', path: `${places.stateDir}/write` }
      : { kind: 'tmpfs', sizeBytes: policy.limits.diskBytes ?? UNBOUNDED_TMPFS_BYTES },
    home:
      homeDir === undefined || request.home === undefined
        ? undefined
        : { name: request.home, path: homeDir, target },
  }
}

/** The image says where its user's home is: over the box's own folders, a kept one would be what the box trusts. */
function checkHome(target: string, image: ResolvedImage): void {
  const parts = target.split('/').filter((part) => part !== '' && part !== '.')
  const [first = ''] = parts
  const plain = target.startsWith('/') && !parts.includes('..')
  if (plain && !['', 'dev', 'etc', 'proc', 'run', 'sys'].includes(first)) return
  throw new GloveboxError({
    code: 'HOME_UNUSABLE',
    audience: 'image',
    message: `Cannot keep the home folder of ${image.ref}: its user's is ${JSON.stringify(target.slice(0, 200))}, which is no place for one.`,
    remedy: 'Name a user with another home by --user, or keep all that the box writes with --keep.',
  })
}

function notes(
  policy: Policy,
  image: ResolvedImage,
  storage: Plan['storage'],
  machine: Plan['machine'],
): string[] {
  const missing = image.config.neededGrants.filter(
    (grant) => !(policy.grants as readonly string[]).includes(grant),
  )
  return [
    ...missing.map(
      (grant) => `The image asks for the grant ${grant}, which was not given; --grant ${grant} gives it.`,
    ),
    ...(storage.upper.kind === 'disk'
      ? ['What the box writes goes to the disk, without a bound on its size.']
      : []),
    ...(machine?.emulation === undefined ? [] : [machine.emulation]),
  ]
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}

import type { Engine } from '../engine/types.ts'
import { HOLDER } from '../engine/types.ts'
import { idMapWords } from '../host/holder.ts'
import { KVM_DEVICE } from '../host/kvm.ts'
import { gateWords } from '../network/gate.ts'
import type { JoinedPlace } from '../network/joined.ts'
import { LINK } from '../plan/link.ts'
import type { MachinePlan, Plan } from '../plan/types.ts'
import { boxFiles } from './state.ts'

/** What a launch needs beside the plan: places of this machine and how its streams are meant. */
export interface Launch {
  readonly stateDir: string
  /** The compiled guest program. */
  readonly guest: string
  /** The compiled resolver of a box's network. */
  readonly resolver: string
  /** The folder of the networks that boxes join. */
  readonly networks: string
  /** cgroup folders that are made for this box already; the supervisor joins and removes them. */
  readonly cgroups: readonly string[]
  /** Keep the output in the box's log. */
  readonly logged: boolean
  /** Where the supervisor writes down what happens to the box. */
  readonly journal: string
  /** Descriptor on which the supervisor reports, in the supervisor. */
  readonly statusFd?: number
  /** Node and the script that put a failed start into words, where nobody reads the status. */
  readonly explain?: readonly [string, string]
  /** End the box when the launching process ends (an SDK's), as against when its terminal says so. */
  readonly dieWithParent: boolean
  readonly kept: boolean
}

/** Output kept of a box, in bytes: enough for a day of an ordinary program, too little to fill a disk. */
const LOG_BYTES = 16 * 2 ** 20
/** What `stop` and the wall clock give a box between SIGTERM and SIGKILL. */
const GRACE_MS = 10_000

/** The runtime's own environment: no variable of the user's reaches it. */
const RUNTIME_ENV = ['--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']

function storageWords(plan: Plan, launch: Launch): string[] {
  const { upper, home } = plan.storage
  const { user } = plan.process
  const { machine } = plan
  const words = (machine?.tools ?? plan.image).trees.flatMap((tree) => ['--lower', tree])
  if (machine !== undefined) words.push(...machineWords(machine))
  if (plan.runtime.digest !== undefined) words.push('--ro', plan.runtime.path, HOLDER.runtime)
  if (upper.kind === 'tmpfs') words.push('--upper-tmpfs', String(upper.sizeBytes))
  else words.push('--upper', upper.path, ...(launch.kept ? [] : ['--upper-disposable']))
  if (home !== undefined && machine === undefined)
    words.push('--veiled', home.path, HOLDER.home, String(user.uid), String(user.gid))
  return words
}

function machineWords(machine: MachinePlan): string[] {
  return [
    ...['--ro', machine.imageDisk, `${HOLDER.machine}/image`],
    ...['--ro', machine.emptyDisk, `${HOLDER.machine}/empty`],
    ...['--ro', machine.initramfs, `${HOLDER.machine}/initramfs`],
    ...snapshotWords(machine),
    ...(machine.homeDisk === undefined ? [] : ['--rw', machine.homeDisk, `${HOLDER.machine}/home`]),
    ...(machine.reading === undefined ? [] : ['--ro', machine.reading.disk, `${HOLDER.machine}/read`]),
    ...(machine.accelerator === 'kvm' ? ['--kvm', KVM_DEVICE] : []),
  ]
}

function snapshotWords({ snapshot }: MachinePlan): string[] {
  if (snapshot === undefined) return []
  return [snapshot.act === 'save' ? '--rw' : '--ro', snapshot.folder, `${HOLDER.machine}/snapshot`]
}

/** The box's own identity, never the host's. */
function identityWords({ box: { hostname, machineId }, network }: Plan): string[] {
  const files = {
    hostname: `${hostname}\n`,
    hosts: `127.0.0.1 localhost ${hostname}\n::1 localhost ip6-localhost\n`,
    'resolv.conf': resolverLines(network),
    'machine-id': `${machineId}\n`,
  }
  return Object.entries(files).flatMap(([name, text]) => ['--text', text, `${HOLDER.etc}/${name}`])
}

function resolverLines(network: Plan['network']): string {
  if (network === undefined) return '# This box has no network.\n'
  const addresses = [LINK.gate.address4, LINK.gate.address6]
  return `${addresses.map((address) => `nameserver ${address}`).join('\n')}\n`
}

function networkWords({ network, ids, policy, box }: Plan, launch: Launch): string[] {
  if (network === undefined || policy.network === 'none') return []
  const { stateDir, resolver, networks } = launch
  const { join } = policy.network
  return gateWords({
    ...{ ...network, ids, policy: policy.network, stateDir, resolver },
    ...(join === undefined ? {} : { joined: { folder: `${networks}/${join}`, names: namesOf(box) } }),
  })
}

/** A kept name and an id are the box's alone; a host name is whatever its user has called it. */
const namesOf = ({ id, name, hostname }: Plan['box']): JoinedPlace['names'] => ({
  own: name === undefined ? [id] : [name, id],
  also: [hostname],
})

/** The holder's argument vector, without the program itself. Pure: `--dry-run` prints it, `run` executes it. */
export function launchWords(plan: Plan, engine: Engine, launch: Launch): string[] {
  const command = engine.run(plan)
  const { limits } = plan.policy
  const files = boxFiles(launch.stateDir)
  return [
    'run',
    ...idMapWords(plan.ids),
    ...storageWords(plan, launch),
    ...['--copy', launch.guest, HOLDER.guest],
    ...['--copy', files.config, `${HOLDER.bundle}/config.json`],
    ...identityWords(plan),
    ...networkWords(plan, launch),
    ...(plan.network === undefined || command.covers === undefined ? [] : ['--gate-cover', command.covers]),
    ...(engine.forbidsUserNamespaces && !plan.policy.grants.includes('user-namespaces')
      ? ['--no-user-namespaces']
      : []),
    ...['--stdio', plan.process.terminal ? 'tty' : 'relay'],
    ...(command.detaches ? ['--detach-runtime'] : []),
    ...(command.startedWhen === undefined
      ? []
      : ['--started-when', command.startedWhen.file, command.startedWhen.text]),
    ...(limits.wallMs === undefined ? [] : ['--wall-ms', String(limits.wallMs)]),
    ...['--grace-ms', String(GRACE_MS)],
    ...(launch.statusFd === undefined ? [] : ['--status-fd', String(launch.statusFd)]),
    ...(launch.logged ? ['--log', files.log, String(LOG_BYTES)] : []),
    ...launch.cgroups.flatMap((dir) => ['--cgroup', dir]),
    ...RUNTIME_ENV,
    ...['--state', launch.stateDir],
    ...['--journal', launch.journal, plan.box.id],
    ...(launch.kept || launch.logged ? [] : ['--cleanup', launch.stateDir]),
    ...(launch.explain === undefined ? [] : ['--explain', ...launch.explain]),
    ...(launch.dieWithParent ? ['--die-with-parent'] : []),
    '--',
    ...command.argv,
  ]
}

import type { Scene } from '../../scene.ts'
import { failed, inOneLine } from '../../sightings.ts'
import type { EngineSubject, Probe, Sighting, Subject, Trap } from '../../types.ts'
import { type HostProcess, processTree } from './process-tree.ts'

/** First words of the processes that run a guest's code; gVisor's gofer, which serves it files, is another process. */
const MONITORS: Partial<Record<EngineSubject['engine'], RegExp>> = {
  microvm: /(?:^|\/)qemu-system/,
  vm: /(?:^|\/)qemu-system/,
  uml: /(?:^|\/)linux/,
  gvisor: /^runsc-sandbox$/,
}

const notFor = (subject: Subject): string | undefined =>
  subject.kind === 'engine' && MONITORS[subject.engine] !== undefined
    ? undefined
    : 'no process of its own stands between its guest and the kernel of the host, or it is not known which'

/** What a process has that one which runs a guest is not to have. */
function rightsOf({ value }: HostProcess, uid: number): string[] {
  const ids = [...value('Uid').split(/\s+/), ...value('Gid').split(/\s+/)]
  const sets = ['CapPrm', 'CapEff', 'CapAmb'].filter((name) => !/^0+$/.test(value(name)))
  return [
    ...(ids.includes(String(uid)) ? [`id ${uid}, the user's`] : []),
    ...sets.map((name) => `${name} ${value(name)}`),
    ...(value('Seccomp') === '2' ? [] : ['no filter of system calls']),
    ...(value('NoNewPrivs') === '1' ? [] : ['new privileges']),
    ...(value('NSpid').split(/\s+/).length > 1 ? [] : ['the process namespace of the host']),
  ]
}

function judge(monitors: readonly HostProcess[], uid: number): Sighting {
  const found = [...new Set(monitors.flatMap((one) => rightsOf(one, uid)))]
  const [first] = monitors
  if (first === undefined) return failed('its process is not found among those of the session')
  const words = `${monitors.length} ${first.value('Name')}: uid ${first.value('Uid').split(/\s+/)[0]}`
  return found.length > 0
    ? { reached: true, evidence: inOneLine(`${words}, ${found.join(', ')}`) }
    : {
        reached: false,
        evidence: inOneLine(`${words}, no capability, a filter, namespaces of its own`),
      }
}

async function plant(scene: Scene, canary: boolean): Promise<Trap> {
  return {
    attempt: async (inside, { kind, subject }) => {
      const tree = processTree(inside.pid)
      /* Without a canary there is a process that has nothing: none. */
      if (!canary) return { reached: false, evidence: 'no process was looked at' }
      const name = subject.kind === 'engine' ? MONITORS[subject.engine] : undefined
      const monitors = kind === 'box' ? tree.filter(({ word }) => name?.test(word)) : tree.slice(-1)
      return judge(monitors, scene.host.uid)
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}

export const monitorRights: Probe = {
  id: 'machine-monitor-rights',
  number: 124,
  asset: 'machine',
  title: 'have the rights of the user as a broken virtual machine monitor',
  tries:
    'Finds the process that runs the guest below the session, and reads in the /proc of the host as whom it runs, with which capabilities, filter and namespaces. The user’s id, a capability or a missing filter is a breach. The control is a plain process of the user’s.',
  attacker: 'root in the box',
  severity: 'escape',
  standsFor: ['libvirt’s and Firecracker’s jailers', 'CVE-2019-14378'],
  closing: 'Run the monitor in a jail: an id of its own, no capability, a filter, namespaces.',
  price: 'Subordinate ids (newuidmap) and a start of a jail: some 50 ms.',
  holes: ['user', 'pid', 'calls'],
  notFor,
  plant,
}

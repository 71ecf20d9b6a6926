import type { EngineName } from '../plan/engine-names.ts'
import type { Policy } from '../policy/types.ts'
import type { ExamHost } from './host.ts'
import type { Scene } from './scene.ts'
import type { Session } from './session.ts'

/** What is protected; a group of probes each, in the order of reports. */
export type Asset =
  | 'files'
  | 'processes'
  | 'kernel'
  | 'identity'
  | 'terminal'
  | 'desktop'
  | 'network'
  | 'exhaustion'
  | 'persistence'
  | 'snapshots'
  | 'machine'
export const ASSETS: readonly Asset[] = [
  ...(['files', 'processes', 'kernel', 'identity', 'terminal', 'desktop'] as const),
  ...(['network', 'exhaustion', 'persistence', 'snapshots', 'machine'] as const),
]

/** Worst first, after the SECURITY.md of gVisor. */
export type Severity =
  | 'escape'
  | 'host leak'
  | 'exfiltration'
  | 'lateral movement'
  | 'host denial of service'
  | 'neighbour denial of service'
  | 'in-box only'
export const SEVERITIES: readonly Severity[] = [
  ...(['escape', 'host leak', 'exfiltration', 'lateral movement'] as const),
  ...(['host denial of service', 'neighbour denial of service', 'in-box only'] as const),
]

/** Whom a probe plays. */
export type Attacker = 'user in the box' | 'root in the box' | "the image's author" | 'a remote peer'

export type Verdict = 'breach' | 'held' | 'granted' | 'moot' | 'inconclusive' | 'not applicable' | 'error'
export const VERDICTS: readonly Verdict[] = [
  ...(['breach', 'error', 'inconclusive', 'granted', 'moot', 'held', 'not applicable'] as const),
]

/**
 * What the reference box (guest/probe/box.c) leaves open for a control. Each is one wall of it:
 * `files` the host's root is seen; `pid`, `ipc`, `uts`, `net`, `cgroup` the host's namespace is shared; `user` no user
 * namespace, so capabilities are the host's; `calls` no filter of system calls; `keyring` the caller's session keyring;
 * `terminal` the caller's session and terminal; `descriptors` those beyond 2; `environment` the caller's variables;
 * `folder` the caller's working folder; `devices` the host's /dev.
 */
export type Hole =
  | 'files'
  | 'pid'
  | 'ipc'
  | 'uts'
  | 'net'
  | 'cgroup'
  | 'user'
  | 'calls'
  | 'keyring'
  | 'terminal'
  | 'descriptors'
  | 'environment'
  | 'folder'
  | 'devices'
export const HOLES: readonly Hole[] = [
  ...(['files', 'pid', 'ipc', 'uts', 'net', 'cgroup', 'user', 'calls', 'keyring'] as const),
  ...(['terminal', 'descriptors', 'environment', 'folder', 'devices'] as const),
]

/** How a session of the probe program is started, where a probe asks for more than the one that all share. */
export interface Launch {
  /** Probes whose launches have the same key share one session of each place; it names all that the launch says. Else a probe has its own. */
  readonly key?: string
  /** Each attempt has a session of its own; else a probe's attempts share theirs until it has ended. */
  readonly fresh?: true
  /**
   * Each attempt ends its session, and sees what is there afterwards. With a key several probes leave things in the same session,
   * which ends with the last of them.
   */
  readonly ends?: true
  /** Working folder of the sandbox's own command. */
  readonly cwd?: string
  /** Added to the environment of the sandbox's own command. */
  readonly env?: Readonly<Record<string, string>>
  /** Descriptors of this process that the sandbox's command inherits as 3, 4, … */
  readonly descriptors?: readonly number[]
  /** On a pseudo-terminal, as from a user's terminal emulator. */
  readonly terminal?: true
  /** With `terminal`: what the user types when the sandbox's command has ended; a process that it left may read it. */
  readonly typed?: string
  /** As root inside, where the subject can be asked for that; else it starts as it always does. */
  readonly root?: true
  /** Words in front of the whole command line, by which it starts in a test LAN; controls may be given more rights there. */
  readonly within?: readonly string[] | ((place: Place['kind']) => readonly string[])
  /** Another image than the subject's, for subjects that are engines of ours; others ignore it. */
  readonly image?: string
  /** Further options of `glovebox run`, for subjects that are engines of ours; others ignore them. */
  readonly options?: readonly string[] | ((subject: EngineSubject) => readonly string[])
}

/** Where a probe is carried out. */
export interface Place {
  /** `bare` without any sandbox; `holed` the reference box with the probe's hole; `box` the subject itself. */
  readonly kind: 'bare' | 'holed' | 'box'
  /** The subject of `box`; also told to the controls, as some set the same scene. */
  readonly subject: Subject
  /**
   * Starts the probe program there.
   * @throws SessionLost where it does not come up
   */
  open(launch?: Launch): Promise<Session>
}

/** A sandbox under examination: one of ours, or any by command line. */
export type Subject = EngineSubject | ForeignSubject

export interface EngineSubject {
  readonly kind: 'engine'
  /** As reports call it: `container`, `uml`. */
  readonly name: string
  readonly engine: EngineName
  readonly image: string
  readonly policy: Policy
  /** The words of `glovebox` itself, without a command: Node and the launcher's script. */
  readonly glovebox: readonly string[]
  /** Options of `glovebox run` that say engine and policy; the image comes on top. */
  readonly options: readonly string[]
}

export interface ForeignSubject {
  readonly kind: 'foreign'
  readonly name: string
  /** With `{}` where the probe program's path goes. */
  readonly argv: readonly string[]
  /** The same as reports show it, where it names parts that are of this exam alone. */
  readonly shown?: readonly string[]
}

/** What one attempt came to. The nonce or the witness decides `reached`. */
export interface Sighting {
  readonly reached: boolean
  /** For people: what was seen outside, or what the probe said. One line. */
  readonly evidence: string
  /** The attempt itself went wrong (crash, time up, sandbox gone): says nothing about the wall. */
  readonly failed?: true
  /** It failed as the sandbox did not even start as the probe wanted it to. */
  readonly unstarted?: true
  /** The witness outside could not see: whether it came about, nobody can say. */
  readonly blind?: true
}

/** A planted canary with its witness. Disposing of it removes all that was planted. */
export interface Trap extends AsyncDisposable {
  /** Where present, attempts get a session of their own, started so; else the one that probes of a place share. */
  readonly launch?: Launch
  /**
   * Tries once, and looks at the witness; of a launch that `ends` it gives what is to be looked at when the session has ended.
   * Throws nothing but SessionLost.
   */
  attempt(inside: Session, place: Place): Promise<Sighting | (() => Promise<Sighting>)>
}

/** One question of the exam. Each is one file of src/exam/catalogue. */
export interface Probe {
  /** Stable, lower case: `files-home-secrets`. The file's name below the asset's folder, with the asset in front. */
  readonly id: string
  /** Number in the catalogue. */
  readonly number: number
  readonly asset: Asset
  /** A few words, as a breach is named: `read keys in your home folder`. */
  readonly title: string
  /** What it does, where the canary is and who sees it, in a sentence or two. */
  readonly tries: string
  readonly attacker: Attacker
  readonly severity: Severity
  /** The incidents it stands for: `CVE-2024-21626`, `ATT&CK T1552`, or words. */
  readonly standsFor: readonly string[]
  /** How to close it, and what that would cost, for `exam explain`. */
  readonly closing: string
  readonly price: string
  /** What the reference box leaves open in the holed control; none where it closes nothing of it, or is no such machine. */
  readonly holes: readonly Hole[]
  /** Runs while no other probe does: it disturbs others, or others disturb it. */
  readonly alone?: true
  /** Its controls depend on the subject: they are run for each, not once an exam. */
  readonly controlsEach?: true
  /** Attempts in the box; 3 unless said otherwise, never less but where one attempt takes very long. */
  readonly attempts?: number
  /** Why it does not apply to a subject, such as one that keeps nothing. */
  readonly notFor?: (subject: Subject) => string | undefined
  /** Why this machine itself prevents it, with or without a sandbox: then it is moot. Asked only where the bare control fails. */
  readonly moot?: (host: ExamHost) => string | undefined
  /** The words of the policy that grant this, where they do. */
  readonly granted?: (policy: Policy) => string | undefined
  /** The machine lacks what plants or sees the canary: then it is inconclusive, for this reason. */
  readonly lacks?: (host: ExamHost) => string | undefined
  /**
   * Plants the canary. `canary: false` is the negative control: all is as it would be, but for the nonce, the witness' object
   * or the listener; the bare attempt must then fail.
   */
  plant(scene: Scene, canary: boolean): Promise<Trap>
}

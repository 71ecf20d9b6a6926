import type { IdMaps, NetworkFacts } from '../host/types.ts'
import type { Digest } from '../image/types.ts'
import type { LimitName, PlannedPolicy, Policy } from '../policy/types.ts'
import type { EngineName } from './engine-names.ts'

export type { EngineName }

/** How a limit is bounded: `machine` by the size of a virtual machine; `waived` was asked for by `--allow-unenforced`. */
export type Enforcement =
  | 'cgroup2'
  | 'systemd-scope'
  | 'cgroup1'
  | 'rlimit'
  | 'tmpfs'
  | 'timer'
  | 'machine'
  | 'waived'

/** Everything about one box before anything is started: frozen, printable, the very object that is launched. */
export interface Plan {
  readonly version: 1
  readonly box: {
    readonly id: string
    readonly name: string | undefined
    readonly hostname: string
    /** machine-id(5) of the box: a kept box stays itself. */
    readonly machineId: string
  }
  readonly engine: EngineName
  readonly runtime: {
    readonly name: 'crun' | 'runc' | 'runsc'
    /** On the host; of one from the tools image, the file that was taken out of it. */
    readonly path: string
    readonly version: string
    /** How runsc catches system calls, as it was tried here. */
    readonly platform?: string
    /** sha256 of a runtime that comes from the tools image. */
    readonly digest?: Digest
  }
  readonly image: { readonly ref: string; readonly digest: Digest; readonly trees: readonly string[] }
  readonly ids: IdMaps
  readonly process: ProcessPlan
  readonly policy: PlannedPolicy
  readonly enforcement: Readonly<Partial<Record<LimitName, Enforcement>>>
  readonly storage: {
    /** Where the box's writes go: memory (gone with the box) or a folder (kept, or where tmpfs cannot carry overlayfs). */
    readonly upper:
      | { readonly kind: 'tmpfs'; readonly sizeBytes: number }
      | { readonly kind: 'disk'; readonly path: string }
    readonly home: { readonly name: string; readonly path: string; readonly target: string } | undefined
  }
  /** What a virtual machine is made of; absent for the technologies that are none. */
  readonly machine?: MachinePlan
  /** How its network is made; absent where the policy says none. */
  readonly network?: NetworkPlan
  /** What the user should know before it starts, in sentences. */
  readonly notes: readonly string[]
}

/** What of this machine decides what the box's rules are (src/network/ruleset.ts), and who carries them out. */
export interface NetworkPlan {
  readonly facts: NetworkFacts
  /** Programs of the host, by their paths. */
  readonly tools: { readonly pasta: string; readonly nft: string; readonly ip: string }
  readonly link: 'veth' | 'tap'
  /** Files of the user's, by their whole paths: the flows once more, and every frame of the box's link. */
  readonly flows?: string
  readonly capture?: string
}

/** Who runs the processor of a guest: the hardware, by KVM, or QEMU's emulation. */
export type Accelerator = 'kvm' | 'tcg'

/** Where the parts of a virtual machine lie on the host: made once, and shared by all boxes of an image. */
export interface MachineParts {
  /** The image with the virtual machine monitors and their kernels: the root of the jail. */
  readonly tools: { readonly digest: Digest; readonly trees: readonly string[] }
  /** The kernel, inside of that image. */
  readonly kernel: string
  readonly initramfs: string
  /** The box's image as a read-only disk. */
  readonly imageDisk: string
  /** An empty file system of the size that the box may write. */
  readonly emptyDisk: string
  /** Of QEMU's machines, as it was tried here; User-Mode Linux has none. */
  readonly accelerator?: Accelerator
  /** Why it is emulation, and what that means, in a sentence. */
  readonly emulation?: string
  /** Memory of a booted guest to go on from, or to keep; absent where the guest boots. */
  readonly snapshot?: SnapshotPlan
  /** The kept home folder as a disk (src/box/home-disk.ts). */
  readonly homeDisk?: string
  /** This machine runs no command: it reads the disk of another box, which has ended, out. */
  readonly reading?: ReadingPlan
}

/** What the server in a guest hands out of the box's files (guest/serve_read.c). */
export type GuestFiles = 'list' | 'layer' | 'home'

export interface ReadingPlan {
  /** A file of the host. What is written over it, as ext4 does with its journal, goes with the machine that reads. */
  readonly disk: string
  readonly what: GuestFiles
}

/** A folder with the files `memory`, which is mapped, `state`, that of the devices, and `disk`, the box's own. */
export interface SnapshotPlan {
  readonly act: 'save' | 'resume'
  readonly folder: string
  /** Whether the machine has a network card, which is plugged in only when it goes on. */
  readonly card: boolean
}

export interface MachinePlan extends MachineParts {
  readonly memoryBytes: number
  readonly diskBytes: number
}

export interface ProcessPlan {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly user: {
    readonly uid: number
    readonly gid: number
    readonly groups: readonly number[]
    readonly name: string
    readonly home: string
  }
  readonly terminal: boolean
}

/** What planning needs to know of the machine; src/host gathers it, nothing here is looked up while planning. */
export interface HostView {
  readonly ids: IdMaps
  /** OCI runtimes that are installed. */
  readonly runtimes: Partial<Readonly<Record<Plan['runtime']['name'], Omit<Plan['runtime'], 'name'>>>>
  /** How each limit can be enforced for a box whose writes go to memory; absent where it cannot. */
  readonly enforceable: Partial<Readonly<Record<LimitName, Enforcement>>>
  /** overlayfs may write to a tmpfs (user extended attributes, Linux 6.6): a disposable box's writes stay in memory. */
  readonly overlayOnTmpfs: boolean
  /** Open files that any process of the user's may have; a bound above it comes to this one. */
  readonly openFilesMost: number
}

/** Names and places that the box room has settled before planning. */
export interface BoxPlaces {
  readonly id: string
  readonly machineId: string
  readonly name: string | undefined
  readonly engine: EngineName
  /** OCI runtimes that can carry the engine, the preferred one first. */
  readonly runtimes: readonly Plan['runtime']['name'][]
  /** Folder of the box's state; a kept box's writes lie in `write` below it. */
  readonly stateDir: string
  readonly homeDir: string | undefined
  readonly terminal: boolean
  /** For an engine that is a virtual machine. */
  readonly machine?: MachineParts
  /** For a policy with a network. */
  readonly network?: NetworkPlan
}

/** What a user asks for; src/plan turns it into a Plan or refuses. */
export interface BoxRequest {
  /** Image name, digest, or name@digest. Default `base`. */
  readonly image?: string
  readonly engine?: EngineName
  readonly policy?: Policy
  /** Command and arguments; the image's own entrypoint and command where absent. */
  readonly command?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly workdir?: string
  /** `name`, `uid` or `uid:gid` as the image knows them. */
  readonly user?: string
  readonly hostname?: string
  /** Keep what the box writes under this name; a second run goes on with it. */
  readonly keep?: string
  /** Keep only the user's home folder, under this name. */
  readonly home?: string
  /** Go on from the kept memory of a booted guest instead of booting; it is made where it is missing. */
  readonly warm?: boolean
  /** A file that the lines of the box's flows are appended to; a network is needed. */
  readonly flows?: string
  /** A file that is made anew with every frame that the box sends or gets, as pcapng; a network is needed. */
  readonly capture?: string
  /** A pseudo-terminal inside; decided by the caller's own standard streams where absent. */
  readonly terminal?: boolean
}

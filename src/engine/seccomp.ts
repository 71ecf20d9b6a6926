import type { OciSeccomp, OciSyscallArgument, OciSyscallRule } from './oci.ts'
import { ALLOWED_CALLS, FORBIDDEN_CALLS, NAMESPACE_CALLS } from './seccomp-list.ts'

/** errno(3), the same on x86-64 and arm64. */
const EPERM = 1
const ENOSYS = 38

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET together (clone(2)). */
export const NAMESPACE_FLAGS = 0x7e020000

/** socket(2): the address families a box may use; route netlink is how getifaddrs(3) reads interfaces. */
const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10
const AF_NETLINK = 16
/** The types of TCP and UDP; socket(2) has its flags in the bits above. A raw socket takes a capability anyway. */
const SOCK_STREAM = 1
const SOCK_DGRAM = 2
const SOCK_TYPE_MASK = 0xf
/** TCP, UDP and ICMP are at or below 17; the protocols above it load modules. */
const LAST_COMMON_PROTOCOL = 17
const IPPROTO_ICMPV6 = 58

/** personality(2): the values that only name or tune an ordinary Linux process, as containers-common has them. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff]

type Op = OciSyscallArgument['op']
export const argument = (index: number, op: Op, value: number, valueTwo = 0): OciSyscallArgument => ({
  index,
  op,
  value,
  valueTwo,
})
const allow = (names: string[], args?: OciSyscallArgument[]): OciSyscallRule =>
  args === undefined ? { names, action: 'SCMP_ACT_ALLOW' } : { names, action: 'SCMP_ACT_ALLOW', args }
export const refuse = (names: string[], errnoRet: number): OciSyscallRule => ({
  names,
  action: 'SCMP_ACT_ERRNO',
  errnoRet,
})

export const words = (list: string): string[] => list.trim().split(/\s+/)

/**
 * Type and protocol are both bound: DCCP's module loads by its type alone (`net-pf-2-proto-0-type-6`), and the kernel
 * takes an IPv4 socket of the old type SOCK_PACKET (10) for a packet socket (net/socket.c, __sock_create).
 */
function socketRules(): OciSyscallRule[] {
  const common = [SOCK_STREAM, SOCK_DGRAM].map((type) =>
    argument(1, 'SCMP_CMP_MASKED_EQ', SOCK_TYPE_MASK, type),
  )
  const inet = (family: number, protocol: OciSyscallArgument): OciSyscallRule[] =>
    common.map((type) => allow(['socket'], [argument(0, 'SCMP_CMP_EQ', family), type, protocol]))
  return [
    allow(['socket'], [argument(0, 'SCMP_CMP_EQ', AF_UNIX)]),
    ...inet(AF_INET, argument(2, 'SCMP_CMP_LE', LAST_COMMON_PROTOCOL)),
    ...inet(AF_INET6, argument(2, 'SCMP_CMP_LE', LAST_COMMON_PROTOCOL)),
    ...inet(AF_INET6, argument(2, 'SCMP_CMP_EQ', IPPROTO_ICMPV6)),
    allow(['socket'], [argument(0, 'SCMP_CMP_EQ', AF_NETLINK), argument(2, 'SCMP_CMP_EQ', 0)]),
  ]
}

/** SCMP_ARCH_* of this machine: only its native ABI, see seccomp-list.ts. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
}

/**
 * The filter as the OCI runtime specification has it (config-linux.md, seccomp): an allow-list, ENOSYS for what it
 * does not know.
 */
export function seccompFilter(userNamespaces: boolean, arch: string = process.arch): OciSeccomp {
  const granted = userNamespaces ? words(NAMESPACE_CALLS) : []
  const forbidden = words(FORBIDDEN_CALLS).filter((name) => !granted.includes(name))
  const clone = userNamespaces
    ? allow(['clone'])
    : allow(['clone'], [argument(0, 'SCMP_CMP_MASKED_EQ', NAMESPACE_FLAGS, 0)])
  const native = ARCHITECTURES[arch]
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: ENOSYS,
    ...(native === undefined ? {} : { architectures: [native] }),
    syscalls: [
      refuse(forbidden, EPERM),
      allow([...words(ALLOWED_CALLS), ...granted]),
      clone,
      ...PERSONALITIES.map((value) => allow(['personality'], [argument(0, 'SCMP_CMP_EQ', value)])),
      ...socketRules(),
    ],
  }
}

import type { OciSeccomp } from './oci.ts'
import { argument, NAMESPACE_FLAGS, refuse, words } from './seccomp.ts'
import { FORBIDDEN_CALLS, NAMESPACE_CALLS } from './seccomp-list.ts'

const EPERM = 1
/** The highest address family of a box (route netlink); packet sockets and those that load modules are above it. */
const LAST_COMMON_FAMILY = 16

/**
 * The filter that gVisor's own kernel applies to a box: a list of refusals, not the allow-list of a container.
 *
 * runsc knows one answer for what a filter refuses, EPERM (convertAction in runsc/specutils/seccomp/seccomp.go), and
 * skips names that are not in its table: under an allow-list `pselect6` (`pselect` there), clone3 and every newer call
 * end with EPERM. C libraries fall back on ENOSYS alone, so bash saw its terminal end and no thread could be made.
 * Here what is not refused is answered by gVisor itself, with ENOSYS for what it does not have. The host's kernel
 * sees none of these calls: that wall is gVisor's filter of its own process, and no part of this one.
 */
export function gvisorFilter(userNamespaces: boolean): OciSeccomp {
  const granted = userNamespaces ? words(NAMESPACE_CALLS) : []
  const forbidden = words(FORBIDDEN_CALLS).filter((name) => !granted.includes(name))
  /* A rule holds where all of a mask's bits are as said, so "any of these flags" is one rule a flag. */
  const flags = userNamespaces
    ? []
    : Array.from({ length: 32 }, (_one, bit) => 2 ** bit).filter((flag) => (NAMESPACE_FLAGS & flag) !== 0)
  return {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      refuse(forbidden, EPERM),
      ...flags.map((flag) => ({
        ...refuse(['clone'], EPERM),
        args: [argument(0, 'SCMP_CMP_MASKED_EQ', flag, flag)],
      })),
      { ...refuse(['socket'], EPERM), args: [argument(0, 'SCMP_CMP_GT', LAST_COMMON_FAMILY)] },
    ],
  }
}

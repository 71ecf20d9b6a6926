import { join } from 'node:path'
import type { HostPaths } from './paths.ts'

/** Where AppArmor looks for profiles. */
export const PROFILE_FILE = '/etc/apparmor.d/glovebox-holder'

/**
 * Lets the holder of one user make user namespaces where the system keeps them from ordinary programs: Ubuntu 24.04,
 * kernel.apparmor_restrict_unprivileged_userns=1. Like those that Ubuntu ships for browsers and podman it confines
 * nothing further. Whoever can write that file, which is the user, can use the permission.
 */
export function holderProfile(paths: HostPaths): string {
  const program = join(paths.programs, '*', 'glovebox-holder')
  return `# Written by glovebox setup. See apparmor.d(5) and user_namespaces(7).
abi <abi/4.0>,
include <tunables/global>

profile glovebox-holder "${program.replaceAll('"', '')}" flags=(unconfined) {
  userns,
}
`
}

import type { ExamHost } from '../../host.ts'

/** Why this machine itself keeps its users from making user namespaces. Root makes namespaces without them. */
export function namespacesForbidden({ uid, sysctl }: ExamHost): string | undefined {
  if (sysctl('user.max_user_namespaces') === '0') return 'user.max_user_namespaces is 0 on this machine'
  if (uid === 0) return undefined
  if (sysctl('kernel.unprivileged_userns_clone') === '0')
    return 'kernel.unprivileged_userns_clone is 0 on this machine'
  return sysctl('kernel.apparmor_restrict_unprivileged_userns') === '1'
    ? 'AppArmor keeps user namespaces from ordinary programs on this machine'
    : undefined
}

import { readFileSync } from 'node:fs'

/** What the running kernel is and allows, as far as boxes depend on it. */
export interface KernelFacts {
  readonly release: string
  readonly version: readonly [major: number, minor: number]
  /** User namespaces that one user may have; 0 forbids them (namespaces(7)). */
  readonly maxUserNamespaces: number
  /** Debian's and Ubuntu's switch against those of ordinary users; absent on other kernels. */
  readonly unprivilegedUserNamespaces: boolean
  /** Ubuntu since 23.10: such a namespace gives no rights unless an AppArmor profile allows its program. */
  readonly apparmorRestrictsUserNamespaces: boolean
  /** Security modules in use, such as landlock and apparmor; empty where the kernel does not tell. */
  readonly securityModules: readonly string[]
}

/** Release of the running kernel, such as `6.18.44`; not by node:os, which a start need not load for it. */
export function readRelease(): string {
  return readSetting('/proc/sys/kernel/osrelease') ?? ''
}

/** Reads a handful of files below /proc and /sys. */
export function readKernel(): KernelFacts {
  const release = readRelease()
  return {
    release,
    version: parseRelease(release),
    maxUserNamespaces: Number(readSetting('/proc/sys/user/max_user_namespaces') ?? 0),
    unprivilegedUserNamespaces: readSetting('/proc/sys/kernel/unprivileged_userns_clone') !== '0',
    apparmorRestrictsUserNamespaces:
      readSetting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1',
    securityModules: (readSetting('/sys/kernel/security/lsm') ?? '').split(',').filter((name) => name !== ''),
  }
}

/** Major and minor of `6.18.44-fc-v669`; 0.0 where it begins otherwise. */
export function parseRelease(text: string): readonly [major: number, minor: number] {
  const [, major = '0', minor = '0'] = /^(\d{1,4})\.(\d{1,4})/.exec(text) ?? []
  return [Number(major), Number(minor)]
}

function readSetting(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    // Not in this kernel, or hidden: then it restricts nothing, and what it would tell stays unknown.
    return undefined
  }
}

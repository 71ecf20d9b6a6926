import { PROFILE_FILE } from './apparmor.ts'
import type { BoundName } from './limits.ts'
import { KEYRING, TUN_DEVICE, unmet } from './requirements.ts'
import type { Survey } from './survey.ts'

/** One thing that was looked at. */
export interface Finding {
  /** Stable, for programs: `kernel`, `subordinate-ids`, `program-skopeo`. */
  readonly id: string
  /** `advice`: something works less well than it could; boxes run nevertheless. */
  readonly level: 'ok' | 'advice' | 'problem'
  /** What is so, as a sentence. */
  readonly says: string
  /** The command or act that mends it; every problem has one. */
  readonly remedy?: string
}

/** Memory and CPUs of the build of an ordinary image fit; a browser's takes about 1.5 GiB. */
const ADVISED_FREE_BYTES = 4 * 2 ** 30

/** Judges what was surveyed. Pure: the words and remedies are tested by table. */
export function judgeHost(survey: Survey): Finding[] {
  return [
    kernel(survey),
    ...userNamespaces(survey),
    folders(survey),
    subordinateIds(survey),
    ...programs(survey),
    tun(survey),
    compiled(survey),
    ...trials(survey),
    ...limits(survey),
    space(survey),
  ]
}

export const ok = (id: string, says: string): Finding => ({ id, level: 'ok', says })
export const advice = (id: string, says: string, remedy: string): Finding => ({
  id,
  level: 'advice',
  says,
  remedy,
})
export const problem = (id: string, says: string, remedy: string): Finding => ({
  id,
  level: 'problem',
  says,
  remedy,
})

function kernel({ kernel: { release, version, securityModules }, distribution }: Survey): Finding {
  const [major, minor] = version
  const modules = securityModules.length === 0 ? '' : ` (${securityModules.join(', ')})`
  const says = `Linux ${release}${modules} on ${distribution.title}`
  // overlayfs in a user namespace, commit 459c7c565ac3.
  if (major > 5 || (major === 5 && minor >= 11)) return ok('kernel', `${says}.`)
  return problem('kernel', `${says} is too old: boxes need 5.11.`, 'Update the system to a newer release.')
}

function userNamespaces({ kernel: facts, user, trials: tried }: Survey): Finding[] {
  if (facts.maxUserNamespaces === 0)
    return [
      problem(
        'user-namespaces',
        'User namespaces are forbidden (user.max_user_namespaces is 0).',
        'sudo sysctl -w user.max_user_namespaces=15000   (and in /etc/sysctl.d/ to keep it)',
      ),
    ]
  if (user.uid === 0) return []
  if (!facts.unprivilegedUserNamespaces)
    return [
      problem(
        'user-namespaces',
        'User namespaces of ordinary users are forbidden (kernel.unprivileged_userns_clone is 0).',
        'sudo sysctl -w kernel.unprivileged_userns_clone=1   (and in /etc/sysctl.d/ to keep it)',
      ),
    ]
  if (!facts.apparmorRestrictsUserNamespaces) return [ok('user-namespaces', 'User namespaces are allowed.')]
  if (tried?.jail.ok === true)
    return [ok('user-namespaces', 'AppArmor restricts user namespaces, and allows those of Glovebox.')]
  return [
    problem(
      'user-namespaces',
      `AppArmor keeps user namespaces from programs without a profile, and Glovebox has none (${PROFILE_FILE}).`,
      'glovebox setup',
    ),
  ]
}

function folders({ folders: outcome, paths }: Survey): Finding {
  if (outcome.ok) return ok('folders', `Images lie in ${paths.data}, kept boxes in ${paths.state}.`)
  return problem('folders', outcome.error.message, outcome.error.remedy ?? 'glovebox setup')
}

function subordinateIds({ ids }: Survey): Finding {
  if (!ids.ok) return problem('subordinate-ids', ids.error.message, ids.error.remedy ?? 'glovebox setup')
  const ranges = ids.value.uids.map(({ outside, length }) => `${outside}-${outside + length - 1}`).join(', ')
  const whose = ids.value.source === 'subordinate' ? 'your subordinate ids' : 'ids that are nobody’s here'
  return ok('subordinate-ids', `Users of boxes are ${whose}: ${ranges}.`)
}

function programs(survey: Survey): Finding[] {
  const found = Object.entries(survey.programs).map(([name, { path, version }]) =>
    ok(`program-${name}`, `${name}${version === undefined ? '' : ` ${version}`} is ${path}.`),
  )
  const remedy = (packageName: string): string =>
    survey.distribution.debianFamily
      ? `glovebox setup   (or: sudo apt-get install ${packageName})`
      : `Install the package of your distribution that holds it (Debian: ${packageName}).`
  const missing = unmet((program) => survey.programs[program] !== undefined).map((one) => {
    const says = `${one.program} is missing: without it Glovebox cannot ${one.use}.`
    const optional = one.need === 'optional' || one.need === 'network'
    return (optional ? advice : problem)(`program-${one.program}`, says, remedy(one.debianPackage))
  })
  const keyring = survey.keyring
    ? []
    : [
        advice(
          'debian-keyring',
          `The keys of Debian's mirrors are missing (${KEYRING.file}): images of Debian suites cannot be built.`,
          remedy(KEYRING.debianPackage),
        ),
      ]
  return [...found, ...missing, ...keyring]
}

/** Boxes without a network run nevertheless. */
function tun({ tun: state }: Survey): Finding {
  if (state === 'open') return ok('tun', `Boxes can have a network: ${TUN_DEVICE} is open to everybody.`)
  const [why, remedy] =
    state === 'missing'
      ? ['is missing', 'sudo modprobe tun   (a container must be given the device by its host)']
      : [
          'is closed to ordinary users, which it is on no ordinary system',
          `sudo chmod 0666 ${TUN_DEVICE}   (until the next start; udev sets it so by itself)`,
        ]
  return advice('tun', `${TUN_DEVICE} ${why}: only boxes without a network can run.`, remedy)
}

function compiled(survey: Survey): Finding {
  if (survey.compiled) return ok('compiled', "Glovebox's own programs are compiled.")
  return problem('compiled', "Glovebox's own programs are not compiled for you yet.", 'glovebox setup')
}

function trials({ trials: tried, kernel: { version } }: Survey): Finding[] {
  if (tried === undefined) return []
  if (!tried.jail.ok)
    return [
      problem(
        'jail',
        `The jail of a box could not be made: ${firstLine(tried.jail.words)}`,
        'Mend what stands above; if nothing does, report this.',
      ),
    ]
  const memory = tried.overlayOnTmpfs
    ? ok('writes-in-memory', 'What a disposable box writes stays in memory.')
    : advice(
        'writes-in-memory',
        `What a disposable box writes goes to the disk, without a bound: Linux ${version.join('.')} cannot join folders on tmpfs.`,
        'A kernel of 6.6 or later can (Debian 12: bookworm-backports).',
      )
  return [ok('jail', 'The jail of a box was made and left.'), memory]
}

const LIMITS: readonly BoundName[] = ['memory', 'cpus', 'processes', 'open-files', 'disk', 'wall']

function limits({ enforceable, user }: Survey): Finding[] {
  const held = LIMITS.filter((name) => enforceable[name] !== undefined)
  const says = `These limits are held: ${held.map((name) => `${name} (${enforceable[name]})`).join(', ')}.`
  const open = LIMITS.filter((name) => name !== 'disk' && enforceable[name] === undefined)
  if (open.length === 0) return [ok('limits', says)]
  const mend =
    user.uid === 0
      ? 'Give this system or container a writable cgroup file system with these controllers.'
      : `Log in to a systemd session, or have one kept: sudo loginctl enable-linger ${user.name ?? user.uid}`
  return [
    ok('limits', says),
    advice('limits-open', `These limits cannot be held for you here: ${open.join(', ')}.`, mend),
  ]
}

function space({ freeBytes, paths }: Survey): Finding {
  const free = `${(freeBytes / 2 ** 30).toFixed(1)} GiB are free for images`
  if (freeBytes >= ADVISED_FREE_BYTES) return ok('space', `${free}.`)
  return advice(
    'space',
    `${free}, and an image of a browser takes about 1.5 GiB.`,
    `Free some, or put images elsewhere: XDG_DATA_HOME (now ${paths.data})`,
  )
}

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? ''
  return line.replace(/^glovebox: /, '') || 'it said nothing.'
}

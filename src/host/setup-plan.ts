import { holderProfile, PROFILE_FILE } from './apparmor.ts'
import { addIdsCommand } from './ids.ts'
import { KEYRING, type Requirement, unmet } from './requirements.ts'
import type { Survey } from './survey.ts'

/** One thing that setup does. Steps as root are shown with the words that are executed. */
export type SetupStep =
  | {
      readonly kind: 'command'
      readonly what: string
      readonly why: string
      readonly argv: readonly [string, ...string[]]
      /** Carries on where it fails: what it brings is not needed by everybody. */
      readonly optional: boolean
    }
  | {
      readonly kind: 'file'
      readonly what: string
      readonly why: string
      /** Written as root, before `afterwards`. */
      readonly path: string
      readonly text: string
      readonly afterwards: readonly [string, ...string[]]
    }
  | { readonly kind: 'compile'; readonly what: string; readonly why: string }

/** A step that changes the system and so is asked about. */
export const needsRoot = (step: SetupStep): boolean => step.kind !== 'compile'

/** What is to be done for everything to work; empty where nothing is missing. Pure. */
export function planSetup(survey: Survey): SetupStep[] {
  return [...packageSteps(survey), ...idSteps(survey), ...apparmorSteps(survey), ...compileSteps(survey)]
}

type Part = 'needed' | 'network' | 'optional'
const partOf = ({ need }: Requirement): Part => (need === 'always' || need === 'choice' ? 'needed' : need)

/** The packages that are missing, once each. */
export function missingPackages(survey: Survey, need: Part): string[] {
  const missing = unmet((program) => survey.programs[program] !== undefined).filter(
    (one) => partOf(one) === need,
  )
  const names = missing.map((one) => one.debianPackage)
  if (need === 'needed' && !survey.keyring) names.push(KEYRING.debianPackage)
  return [...new Set(names)]
}

const APT_INSTALL = [
  'env',
  'DEBIAN_FRONTEND=noninteractive',
  'apt-get',
  'install',
  '-y',
  '--no-install-recommends',
] as const

function packageSteps(survey: Survey): SetupStep[] {
  const needed = missingPackages(survey, 'needed')
  const network = missingPackages(survey, 'network')
  const optional = missingPackages(survey, 'optional')
  if (!survey.distribution.debianFamily || needed.length + network.length + optional.length === 0) return []
  const asks = needed.length + network.length > 0
  const update: SetupStep = {
    kind: 'command',
    what: 'Read the package lists',
    why: 'so that the packages are found',
    argv: ['apt-get', 'update'],
    // Old lists often do.
    optional: true,
  }
  const install = (names: readonly string[], why: string, isOptional: boolean): SetupStep => ({
    kind: 'command',
    what: `Install ${names.join(', ')}`,
    why,
    argv: [...APT_INSTALL, ...names],
    optional: isOptional,
  })
  return [
    // What not everybody uses is no reason to ask for the password of root.
    ...(asks || survey.user.uid === 0 ? [update] : []),
    ...(needed.length > 0 ? [install(needed, 'boxes and images need them', false)] : []),
    // Older releases have no passt: their boxes run without a network.
    ...(network.length > 0 ? [install(network, 'boxes with a network need them', true)] : []),
    ...(optional.length > 0 && (asks || survey.user.uid === 0)
      ? optional.map((name) =>
          install([name], 'for a part that not everybody uses; not every distribution has it', true),
        )
      : []),
  ]
}

function idSteps(survey: Survey): SetupStep[] {
  if (survey.ids.ok || survey.ids.error.code !== 'SUBORDINATE_IDS_MISSING' || survey.user.uid === 0) return []
  const { uids, gids } = survey.ids.error.details as { uids?: boolean; gids?: boolean }
  // No details: these ids do not exist at all, as in a container; nothing on this system mends that.
  if (uids === undefined || gids === undefined) return []
  return [
    {
      kind: 'command',
      what: `Give ${survey.user.name ?? survey.user.uid} 65536 subordinate ids`,
      why: 'the users of a box become these, and none of them is you',
      argv: addIdsCommand(survey.user, uids, gids),
      optional: false,
    },
  ]
}

function apparmorSteps(survey: Survey): SetupStep[] {
  const { kernel, user, paths } = survey
  if (!kernel.apparmorRestrictsUserNamespaces || user.uid === 0 || survey.trials?.jail.ok === true) return []
  return [
    {
      kind: 'file',
      what: `Write the AppArmor profile ${PROFILE_FILE}`,
      why: 'this system keeps user namespaces from programs without a profile',
      path: PROFILE_FILE,
      text: holderProfile(paths),
      afterwards: ['apparmor_parser', '--replace', PROFILE_FILE],
    },
  ]
}

function compileSteps(survey: Survey): SetupStep[] {
  if (survey.compiled) return []
  return [
    {
      kind: 'compile',
      what: "Compile Glovebox's own programs",
      why: 'they start boxes and wait inside them',
    },
  ]
}
